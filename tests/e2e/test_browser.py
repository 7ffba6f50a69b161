"""The same main job with a reviewer at a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import browser, needs_browser
from tests.e2e.server import Installation
from tests.e2e.test_main_job import assistant_of, draft, mails, wait_for_status
from tests.factories import PASSWORD

pytestmark = [pytest.mark.slow, *needs_browser]


def log_in(page: Page, url: str, email: str) -> None:
    page.goto(url)
    page.locator("input[name=username]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(url)


def test_a_reviewer_approves_in_the_browser_and_exactly_that_is_received(
    acme: Installation,
) -> None:
    claude = assistant_of(acme, "mia")
    queued = draft(acme, claude, "dora", description="She asked for it.")

    with browser() as running:
        page = running.new_page()
        log_in(page, queued["review_url"], "rex@acme.example")
        expect(page.get_by_text("dora@cyberdyne.example").first).to_be_visible()
        expect(page.get_by_text("is ready: ä ö ☕").first).to_be_visible()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("Goes out at").first).to_be_visible()

    done = wait_for_status(claude, queued["action_id"], "completed")
    received = mails(acme, queued)
    assert len(received) == 1
    assert received[0].mail_from == done["message"]["envelope_from"]
    assert received[0].rcpt_to == done["message"]["envelope_to"] == ["dora@cyberdyne.example"]
    assert received[0].mime["From"] == done["message"]["from"]
    assert received[0].mime["Subject"] == done["message"]["subject"]
    assert received[0].part("plain") == done["message"]["text"]
    assert done["receipt"]["provider_id"] == received[0].mime["Message-ID"]


def test_a_draft_appears_in_an_open_queue_without_a_reload(acme: Installation) -> None:
    claude = assistant_of(acme, "mia")

    with browser() as running:
        page = running.new_page()
        log_in(page, f"{acme.base_url}/approvals/", "rex@acme.example")
        page.evaluate("window.stillHere = true")
        queued = draft(acme, claude, "ana")
        subject = claude.call("get_action", action_id=queued["action_id"])["message"]["subject"]

        expect(page.get_by_text(subject).first).to_be_visible(timeout=15_000)
        assert page.evaluate("window.stillHere") is True
