"""The queue in a real browser: keys, live updates, no script of external text, the login."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import PHONE, Visit, needs_browser
from tests.factories import PASSWORD
from tests.pages.reviewing import RED, Reviewer
from tests.pages.site import Site

pytestmark = needs_browser

EDITED = "New Your question about pricing for 40 seats"


Reviewing = Callable[..., Reviewer]


@pytest.fixture
def reviewing(visit: Visit, site: Site) -> Reviewing:
    """Makes reviewers, who look at the queue; of Acme's, where nothing else is said."""

    def reviewer(
        name: str, place: str = "acme", path: str = "/approvals/", **facts: Any
    ) -> Reviewer:
        visitor = visit(f"{name}@{place}.example", **facts)
        visitor.open(path)
        return Reviewer(visitor, site.made)

    return reviewer


def current(page: Page) -> Any:
    """The row that is shown."""
    return page.locator("#rows .item[aria-current]")


def test_keys_move_through_the_queue(reviewing: Reviewing) -> None:
    page = reviewing("alice").page
    rows = page.locator("#rows .item")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")

    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(rows.nth(1)).to_be_focused()
    shown = str(rows.nth(1).get_attribute("id")).removeprefix("row-")
    expect(page.locator(f"#card-{shown}")).to_be_visible()


def test_a_approves_u_undoes_and_the_next_card_follows(reviewing: Reviewing) -> None:
    alice = reviewing("alice")
    page = alice.page
    first = page.locator(".action").get_attribute("id")
    alice.approve()

    expect(page.locator("[data-toast]")).to_contain_text("unless undone")
    expect(page.locator(".action")).not_to_have_attribute("id", str(first))
    expect(current(page)).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("Next: ")

    alice.press("u")
    expect(page.locator(".action")).to_have_attribute("id", str(first))
    expect(page.locator(".action")).to_contain_text("Undone before sending")


def test_a_held_key_decides_once(reviewing: Reviewing) -> None:
    alice = reviewing("alice")
    page = alice.page
    before = page.locator("#rows .item").count()
    expect(page.locator("#board[data-settled]")).to_be_attached()
    if page.locator("[data-red]").count():
        alice.press("a")
    page.keyboard.down("a")
    for _ in range(20):
        page.keyboard.down("a")  # what a keyboard repeats while a key is held
    page.keyboard.up("a")

    expect(page.locator("[data-toast]")).to_be_visible()
    expect(page.locator("#rows .item")).to_have_count(before - 1)
    page.reload()
    expect(page.locator("#rows .item")).to_have_count(before - 1)


def test_r_asks_for_a_reason_and_keys_are_text_inside_it(reviewing: Reviewing) -> None:
    alice = reviewing("alice")
    page = alice.page
    shown = str(page.locator(".action").get_attribute("id"))
    alice.press("r")
    expect(page.locator("select[name=reason_code]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("aaa jjj")

    expect(page.locator("textarea[name=reason]")).to_have_value("aaa jjj")
    page.get_by_role("button", name="Confirm rejection").click()
    expect(page.locator(f"#{shown}")).to_have_count(0)
    expect(page.locator("[data-toast]")).to_contain_text("Rejected")


def test_e_edits_and_moving_on_does_not_lose_it(reviewing: Reviewing) -> None:
    alice = reviewing("alice")
    page = alice.open("/approvals/?item=" + alice.made["plain"][20])
    alice.press("e")
    expect(page.locator("[name=subject]")).to_be_focused()
    page.keyboard.type("New ")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[name=subject]")).to_have_value(EDITED)

    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".envelope .subject")).to_have_text(EDITED)
    expect(page.locator("ins").first).to_contain_text("New")


def test_typing_after_e_never_reaches_another_card(reviewing: Reviewing) -> None:
    alice = reviewing("alice")
    page = alice.page
    page.keyboard.press("j")
    expect(current(page)).to_be_focused()
    shown = str(current(page).get_attribute("id")).removeprefix("row-")
    expect(page.locator(f"#card-{shown}")).to_be_visible()
    before = page.locator("#rows .item").count()
    held: list[Route] = []
    page.route(lambda url: "edit=1" in url, lambda route: held.append(route))
    with page.expect_request(lambda request: "edit=1" in request.url):
        alice.press("e")
    page.keyboard.press("k")  # the form is on its way
    held[0].continue_()
    page.unroute_all()
    field = page.locator("form[data-edit] :is(input, textarea):not([type=hidden])").first
    expect(field).to_be_focused()
    page.keyboard.type("kan")
    expect(field).to_have_value(re.compile("^kan"))

    page.keyboard.press("Escape")
    expect(page.locator("#board[data-settled]")).to_be_attached()
    page.keyboard.type("kan")
    expect(page.locator(f"#card-{shown} form[data-edit]")).to_be_visible()
    expect(page.locator("#rows .item")).to_have_count(before)
    expect(page.locator("[data-toast]")).to_have_count(0)


def test_a_half_made_edit_is_not_lost_by_mouse(reviewing: Reviewing) -> None:
    alice = reviewing("alice")
    page = alice.open("/approvals/?edit=1&item=" + alice.made["plain"][21])
    field = page.locator("form[data-edit] textarea").first
    field.fill("half of it")
    places = [page.locator("#rows .item").first, page.locator(".tabs a").last]
    for place in [*places, page.get_by_role("link", name="Members")]:
        place.click()
        expect(page.locator("#announcer")).to_have_text("Save or cancel the edit first.")
        expect(field).to_have_value("half of it")
        page.evaluate("document.querySelector('#announcer').textContent = ''")
    page.fill("#filter", "chidi")
    expect(page.locator("#announcer")).to_have_text("Save or cancel the edit first.")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.evaluate("location.reload()")
    expect(field).to_have_value("half of it")
    assert [fault.partition(":")[0] for fault in alice.faults] == ["dialog"]
    alice.faults.clear()

    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("form[data-edit]")).to_have_count(0)


def test_a_stale_tab_keeps_its_card_and_says_why(reviewing: Reviewing) -> None:
    alice = reviewing("alice", path="/nothing/")
    page = alice.page
    # News of other tests would bring a fresh form in between: none arrives, from the first page on.
    page.route(lambda url: "live=1" in url, lambda route: route.fulfill(status=204))
    alice.open("/approvals/")
    shown = page.locator(".action").get_attribute("id")
    expect(page.locator("#board[data-settled]")).to_be_attached()
    alice.context.clear_cookies(name="csrftoken")  # a login in another tab makes a new one
    page.get_by_role("button", name="Approve").click()

    expect(page.locator("#pane .notice.stop")).to_contain_text("Your session changed")
    expect(page.locator(f"#{shown}")).to_be_visible()
    assert all("403" in fault for fault in alice.faults)
    alice.faults.clear()
    page.get_by_role("link", name="Reload the page").click()
    expect(page.locator("#pane .notice.stop")).to_have_count(0)
    expect(page.locator(f"#{shown}")).to_be_visible()


def test_a_high_risk_action_needs_a_second_key_press(reviewing: Reviewing) -> None:
    alice = reviewing("alice")
    red = alice.made["plain"][22]
    page = alice.open(f"/approvals/?item={red}")
    expect(page.locator("[data-red]")).to_be_visible()
    before = page.locator("#rows .item").count()
    alice.press("a")

    expect(page.locator("#announcer")).to_have_text(RED)
    expect(page.locator(f"#card-{red}")).to_be_visible()
    expect(page.locator("#rows .item")).to_have_count(before)
    alice.press("a")
    expect(page.locator("[data-toast]")).to_contain_text("unless undone")


def test_u_with_nothing_to_undo_says_so(reviewing: Reviewing) -> None:
    alice = reviewing("alice")
    alice.press("u")
    expect(alice.page.locator("#announcer")).to_have_text("Nothing to undo.")


def test_slash_filters_while_typing_and_help_opens(reviewing: Reviewing) -> None:
    page = reviewing("alice").page
    page.keyboard.press("/")
    page.keyboard.type("chidi")
    expect(page.locator("#rows .item").first).to_contain_text("chidi")
    expect(page.locator("#filter")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def without_polling(reviewer: Reviewer) -> None:
    """Updates arrive by the stream only: the fallback polling is off."""
    reviewer.context.add_init_script(
        "{ const real = setInterval;"
        " window.setInterval = (call, ms) => (ms >= 10000 ? 0 : real(call, ms)); }"
    )
    reviewer.page.reload()


def test_another_reviewers_decision_is_seen_without_a_reload_or_polling(
    reviewing: Reviewing,
) -> None:
    alice, rex = reviewing("alice"), reviewing("rex")
    without_polling(rex)
    rex.page.evaluate("window.stillHere = true")
    rows = rex.page.locator("#rows .item")
    before = rows.count()
    shown = rex.page.locator(".action").get_attribute("id")
    alice.approve()

    expect(rows).to_have_count(before - 1)
    expect(rex.page.locator("#queue-count")).to_contain_text(str(before - 1))
    expect(rex.page.locator(f"#{shown}")).to_contain_text("decided by Alice")
    assert rex.page.evaluate("window.stillHere") is True


def test_news_leaves_half_typed_text_and_focus_alone(reviewing: Reviewing) -> None:
    alice, rex = reviewing("alice"), reviewing("rex")
    last = rex.page.locator("#rows .item").last
    rex.open(str(last.get_attribute("href")))
    rex.press("r")
    words = rex.page.locator("textarea[name=reason]")
    words.fill("half a sen")
    words.focus()
    before = rex.page.locator("#rows .item").count()
    alice.approve()

    expect(rex.page.locator("#rows .item")).to_have_count(before - 1)
    expect(words).to_have_value("half a sen")
    expect(words).to_be_focused()


def test_without_javascript_a_card_is_approved(reviewing: Reviewing) -> None:
    page = reviewing("rex", java_script_enabled=False).page
    shown = page.locator(".action").get_attribute("id")
    page.get_by_role("button", name="Approve").click()

    expect(page.locator("[data-toast]")).to_contain_text("unless undone")
    expect(page.locator(".action")).not_to_have_attribute("id", str(shown))


def test_on_a_phone_the_list_leads_to_the_card_and_back(reviewing: Reviewing) -> None:
    page = reviewing("alice", viewport=PHONE).page
    expect(page.locator("#pane")).to_be_hidden()
    page.locator("#rows .item").nth(1).click()
    expect(page.locator(".action")).to_be_visible()
    expect(page.locator("#rows")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="Queue", exact=True).last.click()
    expect(page.locator("#rows")).to_be_visible()


def test_no_external_text_runs(reviewing: Reviewing) -> None:
    gil = reviewing("gil", "globex")  # the list has them all
    hostile = gil.made["hostile"]
    expect(gil.page.locator("#rows .item")).to_have_count(len(hostile))
    for action_id in hostile:
        page = gil.open(f"/approvals/{action_id}/")
        expect(page.locator(f"#card-{action_id}")).to_be_visible()
    page = gil.open(f"/approvals/?item={hostile[0]}")
    expect(page.locator(f"#card-{hostile[0]}")).to_be_visible()
    gil.press("j")
    expect(page.locator(f"#card-{hostile[1]}")).to_be_visible()
    gil.open(f"/approvals/?item={hostile[0]}&edit=1")


def test_the_login_form_lets_in_and_leads_to_the_queue(visit: Visit) -> None:
    page = visit().open("/login/")
    page.fill("[name=username]", "vic@acme.example")
    page.fill("[name=password]", PASSWORD)
    page.click("#login button")

    page.wait_for_url("**/approvals/**")
    expect(page.locator("#rows .item").first).to_be_visible()
