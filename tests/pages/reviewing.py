"""A reviewer at the queue in a browser."""

from typing import Any

from playwright.sync_api import expect

from tests.browser import Visitor

RED = "High risk: press a again to approve"


class Reviewer:
    """A visitor at the queue."""

    def __init__(self, visitor: Visitor, made: dict[str, Any]) -> None:
        self.made = made
        self.page = visitor.page
        self.open = visitor.open
        self.context = visitor.context
        self.faults = visitor.faults

    def press(self, key: str) -> None:
        """Press a key once the card is settled: before that, deciding keys do nothing."""
        expect(self.page.locator("#board[data-settled]")).to_be_attached()
        self.page.keyboard.press(key)

    def approve(self) -> None:
        """Approve by key: once, or twice if the card is high risk."""
        shown = self.page.locator(".action").get_attribute("id")
        is_red = self.page.locator(f"#{shown} [data-red]").count()
        self.press("a")
        if is_red:
            expect(self.page.locator("#announcer")).to_have_text(RED)
            self.press("a")
