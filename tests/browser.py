"""A real, headless browser for tests; skipped with a reason if none is installed.

`chromium` and `site` are fixtures of the session: tests that use them belong to the xdist group of
`needs_browser`, so that one worker starts them once.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

    from tests.pages.site import Site

PATIENCE = 60_000  # milliseconds; it only bounds hanging
DESKTOP: "ViewportSize" = {"width": 1280, "height": 800}
PHONE: "ViewportSize" = {"width": 390, "height": 844}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

_drives_a_browser = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHROMIUM and os.environ.get("REQUIRE_BROWSER") != "1",
        reason="no chromium is installed here; REQUIRE_BROWSER=1 makes this a failure",
    ),
]
needs_browser = [*_drives_a_browser, pytest.mark.xdist_group("browser")]
needs_browser_and_installation = [*_drives_a_browser, pytest.mark.xdist_group("installation")]

# A high-risk card needs two key presses within three seconds; on a busy machine they may be further
# apart.
_TIME_STANDS_STILL = "{ const opened = Date.now(); Date.now = () => opened; }"


class Visitor:
    """A person at a browser context of their own; `faults` are all errors of its pages."""

    def __init__(self, chromium: "Browser", url: str, session: str, **facts: Any) -> None:
        self.url = url
        self.faults: list[str] = []
        self.context = chromium.new_context(**({"viewport": DESKTOP} | facts))
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(_TIME_STANDS_STILL)
        if session:
            self.context.add_cookies([{"name": "session", "value": session, "url": url}])
        self.page: Page = self.new_page()

    def new_page(self) -> "Page":
        """Another tab."""
        page = self.context.new_page()
        page.on("dialog", lambda dialog: self._note("dialog", dialog.message, dialog))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.on("console", self._listen)
        return page

    def open(self, path: str) -> "Page":
        """A page of the server."""
        self.page.goto(f"{self.url}{path}")
        return self.page

    def _listen(self, message: "ConsoleMessage") -> None:
        # The browser asks for /favicon.ico by itself, and some pages are missing on purpose.
        if message.type in {"error", "warning"} and "404" not in message.text:
            self._note("console", message.text)

    def _note(self, kind: str, text: str, dialog: Any = None) -> None:
        self.faults.append(f"{kind}: {text}")
        if dialog is not None:
            dialog.dismiss()


@pytest.fixture(scope="session")
def launched() -> Iterator["tuple[Browser, asyncio.AbstractEventLoop]"]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    # It connects only to the pages under test.
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM or None, args=quiet)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield running, loop
        asyncio._set_running_loop(loop)
        running.close()


@pytest.fixture
def chromium(launched: "tuple[Browser, asyncio.AbstractEventLoop]") -> Iterator["Browser"]:
    """The session's browser.

    Playwright keeps its loop running in this thread, where Django's queries and `asyncio.run` of
    other tests refuse to work beside one: it is shown as running during a test of a browser only.
    """
    running, loop = launched
    asyncio._set_running_loop(loop)
    yield running
    for context in running.contexts:
        context.close()
    asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Site"]:
    """The installation whose pages are looked at; see tests.pages.site."""
    from tests.pages import site as pages

    with pages.running(tmp_path_factory.mktemp("site")) as running:
        yield running


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: "Browser", site: "Site") -> Iterator[Visit]:
    """Makes visitors of the site; any error of a page fails the test."""
    made: list[Visitor] = []

    def visitor(email: str = "", *, fresh: bool = False, **facts: Any) -> Visitor:
        session = site.session(email, fresh=fresh) if email else ""
        made.append(Visitor(chromium, site.url, session, **facts))
        return made[-1]

    yield visitor
    assert [fault for one in made for fault in one.faults] == []
