"""The pages in a real browser: keys, news, nothing that runs, nothing a reader cannot use."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.pages.server import Server, running

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
expect.set_options(timeout=20_000)  # a busy machine; nothing here measures time
AXE = (Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1.min.js").read_text()
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
RED = "Red card: press a again to approve"
EDITED = "New Your question about pricing for 40 seats"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("pages"), drafts=30) as started:
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1 and there is no Chromium at {CHROMIUM}")
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """A person at a browser of their own; `faults` is all a page complained about."""

    def __init__(self, chromium: Browser, server: Server, **facts: Any) -> None:
        self.server = server
        self.faults: list[str] = []
        self.context = chromium.new_context(**({"viewport": DESK} | facts))
        self.page: Page = self.context.new_page()
        self.page.on("dialog", lambda dialog: self._note("dialog", dialog.message, dialog))
        self.page.on("pageerror", lambda error: self._note("error", str(error)))
        self.page.on("console", self._listen)

    def log_in(self, email: str) -> "Visitor":
        """By the form; later visits keep the session, for logins are limited to 10 a minute."""
        if email in self.server.sessions:
            self.context.add_cookies(self.server.sessions[email])
            self.open("/approvals/")
            return self
        self.page.goto(f"{self.server.url}/login/")
        self.page.fill("[name=username]", email)
        self.page.fill("[name=password]", self.server.password)
        self.page.click("#login button")
        self.page.wait_for_url("**/approvals/**")
        self.server.sessions[email] = self.context.cookies()
        return self

    def open(self, path: str) -> Page:
        """A page of the server."""
        self.page.goto(f"{self.server.url}{path}")
        return self.page

    def press(self, key: str) -> None:
        """A key, once the card stands still: before that, deciding keys do nothing."""
        expect(self.page.locator("#board[data-settled]")).to_be_attached()
        self.page.keyboard.press(key)

    def approve(self) -> None:
        """By key: once, or twice where the card is red."""
        shown = self.page.locator(".action").get_attribute("id")
        is_red = self.page.locator(f"#{shown} [data-red]").count()
        self.press("a")
        if is_red:
            expect(self.page.locator("#announcer")).to_have_text(RED)
            self.press("a")

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "404" not in message.text:
            self._note("console", message.text)

    def _note(self, kind: str, text: str, dialog: Any = None) -> None:
        self.faults.append(f"{kind}: {text}")
        if dialog is not None:
            dialog.dismiss()


@pytest.fixture
def visitors(chromium: Browser, server: Server) -> Iterator[Any]:
    """Makes visitors; whatever a page complained about fails the test."""
    made: list[Visitor] = []

    def visit(email: str = "", **facts: Any) -> Visitor:
        made.append(Visitor(chromium, server, **facts))
        return made[-1].log_in(email) if email else made[-1]

    yield visit
    for visitor in made:
        visitor.context.close()
    assert [fault for visitor in made for fault in visitor.faults] == []


def current(page: Page) -> Any:
    """The row that is shown."""
    return page.locator("#rows .item[aria-current]")


def test_keys_move_through_the_queue(visitors: Any) -> None:
    page = visitors("alice@acme.example").page
    rows = page.locator("#rows .item")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")

    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(rows.nth(1)).to_be_focused()
    shown = str(rows.nth(1).get_attribute("id")).removeprefix("row-")
    expect(page.locator(f"#card-{shown}")).to_be_visible()


def test_a_approves_u_undoes_and_the_next_card_follows(visitors: Any) -> None:
    alice = visitors("alice@acme.example")
    page = alice.page
    first = page.locator(".action").get_attribute("id")
    alice.approve()

    expect(page.locator("[data-toast]")).to_contain_text("unless undone")
    expect(page.locator(".action")).not_to_have_attribute("id", str(first))
    expect(current(page)).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("Next: ")

    alice.press("u")
    expect(page.locator(".action")).to_have_attribute("id", str(first))
    expect(page.locator(".action")).to_contain_text("Undone before it went out")


def test_a_held_key_decides_once(visitors: Any) -> None:
    alice = visitors("alice@acme.example")
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


def test_r_asks_for_a_reason_and_keys_are_text_inside_it(visitors: Any) -> None:
    alice = visitors("alice@acme.example")
    page = alice.page
    shown = str(page.locator(".action").get_attribute("id"))
    alice.press("r")
    expect(page.locator("select[name=reason_code]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("aaa jjj")

    expect(page.locator("textarea[name=reason]")).to_have_value("aaa jjj")
    page.get_by_role("button", name="Reject it").click()
    expect(page.locator(f"#{shown}")).to_have_count(0)
    expect(page.locator("[data-toast]")).to_contain_text("Rejected")


def test_e_edits_and_moving_on_does_not_lose_it(visitors: Any) -> None:
    alice = visitors("alice@acme.example")
    page = alice.open("/approvals/?item=" + alice.server.drafts["plain"][20])
    alice.press("e")
    expect(page.locator("[name=subject]")).to_be_focused()
    page.keyboard.type("New ")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[name=subject]")).to_have_value(EDITED)

    page.get_by_role("button", name="Save the edit").click()
    expect(page.locator(".envelope .subject")).to_have_text(EDITED)
    expect(page.locator("ins").first).to_contain_text("New")


def test_typing_after_e_never_reaches_another_card(visitors: Any) -> None:
    alice = visitors("alice@acme.example")
    page = alice.page
    page.keyboard.press("j")
    expect(current(page)).to_be_focused()
    shown = str(current(page).get_attribute("id")).removeprefix("row-")
    expect(page.locator(f"#card-{shown}")).to_be_visible()
    before = page.locator("#rows .item").count()
    alice.press("e")
    page.keyboard.press("k")  # the form is on its way
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


def test_a_half_made_edit_is_not_lost_by_mouse(visitors: Any) -> None:
    alice = visitors("alice@acme.example")
    page = alice.open("/approvals/?edit=1&item=" + alice.server.drafts["plain"][21])
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


def test_a_stale_tab_keeps_its_card_and_says_why(visitors: Any) -> None:
    alice = visitors()
    page = alice.page
    # News of other tests would bring a fresh form in between: none arrives, from the first page on.
    page.route(lambda url: "live=1" in url, lambda route: route.fulfill(status=204))
    alice.log_in("alice@acme.example")
    shown = page.locator(".action").get_attribute("id")
    expect(page.locator("#board[data-settled]")).to_be_attached()
    alice.context.clear_cookies(name="csrftoken")  # a login in another tab makes a new one
    page.get_by_role("button", name="Approve").click()

    expect(page.locator("#pane .notice.stop")).to_contain_text("You were logged out or logged in")
    expect(page.locator(f"#{shown}")).to_be_visible()
    assert all("403" in fault for fault in alice.faults)
    alice.faults.clear()
    page.get_by_role("link", name="Reload the page").click()
    expect(page.locator("#pane .notice.stop")).to_have_count(0)
    expect(page.locator(f"#{shown}")).to_be_visible()


def test_a_red_card_takes_a_second_press(visitors: Any) -> None:
    alice = visitors("alice@acme.example")
    red = alice.server.drafts["plain"][22]
    page = alice.open(f"/approvals/?item={red}")
    expect(page.locator("[data-red]")).to_be_visible()
    before = page.locator("#rows .item").count()
    alice.press("a")

    expect(page.locator("#announcer")).to_have_text(RED)
    expect(page.locator(f"#card-{red}")).to_be_visible()
    expect(page.locator("#rows .item")).to_have_count(before)
    alice.press("a")
    expect(page.locator("[data-toast]")).to_contain_text("unless undone")


def test_u_with_nothing_to_undo_says_so(visitors: Any) -> None:
    alice = visitors("alice@acme.example")
    alice.press("u")
    expect(alice.page.locator("#announcer")).to_have_text("There is nothing to undo here.")


def test_slash_filters_while_typing_and_help_opens(visitors: Any) -> None:
    page = visitors("alice@acme.example").page
    page.keyboard.press("/")
    page.keyboard.type("chidi")
    expect(page.locator("#rows .item").first).to_contain_text("chidi")
    expect(page.locator("#filter")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def test_another_reviewers_decision_is_seen_within_three_seconds(visitors: Any) -> None:
    alice, rex = visitors("alice@acme.example"), visitors("rex@acme.example")
    rows = rex.page.locator("#rows .item")
    before = rows.count()
    shown = rex.page.locator(".action").get_attribute("id")
    alice.approve()

    expect(rows).to_have_count(before - 1, timeout=3000)
    expect(rex.page.locator("#queue-count")).to_contain_text(str(before - 1), timeout=3000)
    expect(rex.page.locator(f"#{shown}")).to_contain_text("decided by Alice", timeout=3000)


def test_news_leaves_half_typed_text_and_focus_alone(visitors: Any) -> None:
    alice, rex = visitors("alice@acme.example"), visitors("rex@acme.example")
    last = rex.page.locator("#rows .item").last
    rex.open(str(last.get_attribute("href")))
    rex.press("r")
    words = rex.page.locator("textarea[name=reason]")
    words.fill("half a sen")
    words.focus()
    before = rex.page.locator("#rows .item").count()
    alice.approve()

    expect(rex.page.locator("#rows .item")).to_have_count(before - 1, timeout=3000)
    expect(words).to_have_value("half a sen")
    expect(words).to_be_focused()


def test_without_javascript_a_card_is_approved(visitors: Any) -> None:
    page = visitors("rex@acme.example", java_script_enabled=False).page
    shown = page.locator(".action").get_attribute("id")
    page.get_by_role("button", name="Approve").click()

    expect(page.locator("[data-toast]")).to_contain_text("unless undone")
    expect(page.locator(".action")).not_to_have_attribute("id", str(shown))


def test_on_a_phone_the_list_leads_to_the_card_and_back(visitors: Any) -> None:
    page = visitors("alice@acme.example", viewport=PHONE).page
    expect(page.locator("#pane")).to_be_hidden()
    page.locator("#rows .item").nth(1).click()
    expect(page.locator(".action")).to_be_visible()
    expect(page.locator("#rows")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="Queue", exact=True).last.click()
    expect(page.locator("#rows")).to_be_visible()


def test_an_agent_is_made_tried_switched_on_and_leads_to_its_card(
    visitors: Any, server: Server
) -> None:
    alice = visitors("alice@acme.example")
    page = alice.open("/agents/")
    page.get_by_role("link", name="New agent").click()
    page.get_by_role("link", name=re.compile("Start from this.*Pricing")).click()
    page.fill("[name=name]", "Prices")
    page.locator("[name$='-days']").first.fill("6")
    expect(page.locator("#preview")).to_contain_text("Vera Ng")
    assert violations(page) == []
    page.get_by_role("button", name="Make the agent").click()
    trial = page.get_by_role("button", name="Try on three contacts")
    expect(trial).to_be_visible()
    assert violations(page) == []

    trial.click()
    expect(page.locator("#run")).to_contain_text("A trial: nothing was proposed.")
    server.work()
    expect(page.locator("#run")).to_contain_text("would wait for a person")
    page.get_by_role("link", name="Prices").click()
    page.get_by_role("button", name="Switch on", exact=True).click()
    page.get_by_role("button", name="Run now").click()
    server.work()
    page.get_by_role("link", name="Open the card").first.wait_for()
    assert violations(page) == []
    page.get_by_role("link", name="Open the card").first.click()

    expect(page.locator(".action .meta").first).to_contain_text("asked for by Prices in a run")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()


def test_no_text_of_an_outsider_runs(visitors: Any) -> None:
    gil = visitors("gil@globex.example")
    for action_id in gil.server.drafts["hostile"]:
        page = gil.open(f"/approvals/?item={action_id}")
        expect(page.locator(f"#card-{action_id}")).to_be_visible()
    gil.open(f"/approvals/?item={gil.server.drafts['hostile'][0]}&edit=1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(visitors: Any, scheme: str, size: dict[str, int]) -> None:
    alice = visitors("", color_scheme=scheme, viewport=size)
    found = {"login": violations(alice.open("/login/"))}
    alice.log_in("alice@acme.example")
    special = alice.server.drafts["special"]
    for path in [
        "/approvals/",
        f"/approvals/?item={special['hidden']}",
        f"/approvals/?item={special['long']}",
        f"/approvals/?item={alice.server.drafts['plain'][16]}&edit=1",
        f"/approvals/{special['evident']}/",
        "/approvals/?tab=attention",
        "/settings/members/",
        "/settings/connections/",
        "/agents/",
        "/agents/new/",
        "/agents/new/?template=blank",
        "/approvals/act_nothing/",
        "/nothing/",
    ]:
        found[path] = violations(alice.open(path))
    assert {path: faults for path, faults in found.items() if faults} == {}


def violations(page: Page) -> list[str]:
    """What axe-core says of the page, one line each."""
    page.evaluate(AXE)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]
