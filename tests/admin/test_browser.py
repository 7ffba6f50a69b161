"""The admin in a real browser obeys our content security policy."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from crm.models import Contact
from tests import browser, factories

pytestmark = [pytest.mark.slow, *browser.needs_browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _playwright_has_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright's loop runs in this thread, so Django takes every query for one in a coroutine.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def ana(operator: Client) -> Contact:
    """Made before the browser starts: under its loop every connection would be another one."""
    return factories.contact(factories.workspace())


@pytest.fixture
def page(live_server: LiveServer, operator: Client, ana: Contact) -> Iterator[Page]:
    """A browser in which the operator is logged in."""
    with browser.browser() as running:
        context = running.new_context()
        cookie = operator.cookies["session"].value
        context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        yield context.new_page()


def test_index_lists_and_details_break_no_policy(
    live_server: LiveServer, page: Page, ana: Contact
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    for path, words in {
        "": "Site administration",
        "crm/contact/": "ana@umbrella.example",
        f"crm/contact/{ana.pk}/change/": "View contact",
        "accounts/workspace/": "Acme",
        f"accounts/workspace/{ana.workspace_id}/change/": "Change workspace",
        "core/auditentry/": "audit entries",
        "approvals/action/": "action",
    }.items():
        page.goto(f"{live_server.url}/admin/{path}")
        assert words in page.inner_text("body")
        assert page.locator("#header").evaluate("e => getComputedStyle(e).display") == "flex"

    # The browser asks for /favicon.ico by itself, and the admin names none.
    assert [text for text in complaints if "404 (Not Found)" not in text] == []
