"""The same main job with a reviewer at a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests import inside
from tests.browser import Visitor, needs_browser_and_installation
from tests.e2e.acme import Acme
from tests.e2e.drafting import draft, mails, wait_for_status

pytestmark = needs_browser_and_installation

Visiting = Callable[[str], Visitor]


@pytest.fixture
def visiting(acme: Acme, chromium: Browser) -> Visiting:
    """Makes visitors of this installation."""
    return lambda email: Visitor(chromium, acme.url, acme.do(inside.session, email))


def test_a_reviewer_approves_in_the_browser_and_exactly_that_is_received(
    acme: Acme, visiting: Visiting
) -> None:
    claude = acme.assistant("mia")
    queued = draft(acme, claude, "dora", description="She asked for it.")

    page = visiting("rex@acme.example").page
    page.goto(queued["review_url"])
    expect(page.get_by_text("dora@cyberdyne.example").first).to_be_visible()
    expect(page.get_by_text("is ready: ä ö ☕").first).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("decided by").first).to_be_visible()

    done = wait_for_status(acme, claude, queued["action_id"], "completed")
    received = mails(acme, queued)
    assert len(received) == 1
    assert received[0].mail_from == done["message"]["envelope_from"]
    assert received[0].rcpt_to == done["message"]["envelope_to"] == ["dora@cyberdyne.example"]
    assert received[0].mime["From"] == done["message"]["from"]
    assert received[0].mime["Subject"] == done["message"]["subject"]
    assert received[0].part("plain") == done["message"]["text"]
    assert done["receipt"]["provider_id"] == received[0].mime["Message-ID"]


def test_a_draft_appears_in_an_open_queue_without_a_reload(acme: Acme, visiting: Visiting) -> None:
    claude = acme.assistant("mia")
    page = visiting("rex@acme.example").open("/approvals/")
    page.evaluate("window.stillHere = true")
    queued = draft(acme, claude, "ana")

    expect(page.get_by_text(queued["subject"]).first).to_be_visible()
    assert page.evaluate("window.stillHere") is True
