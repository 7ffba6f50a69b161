"""The consent page in a real browser: it obeys the policy that may stop the redirect to the app."""

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from oauth.models import Connection
from tests.oauth import flow

CHROMIUM = shutil.which("chromium") or ""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not CHROMIUM and os.environ.get("REQUIRE_BROWSER") != "1", reason="no chromium here"
    ),
]


@pytest.fixture(autouse=True)
def _playwright_has_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright's loop runs in this thread, so Django takes every query for one in a coroutine.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


class Callback(http.server.BaseHTTPRequestHandler):
    """An app that waits for its answer."""

    def do_GET(self) -> None:
        """Say that it came."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"arrived")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def callback() -> Iterator[str]:
    """The address of an app on this computer."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Callback)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/callback"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(live_server: LiveServer) -> Iterator[Page]:
    """A browser in which Ada is logged in."""
    session = Client()
    session.force_login(flow.member("ada", "admin"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context()
        cookie = session.cookies["session"].value
        context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        yield context.new_page()
        browser.close()
        connection.close()  # under Playwright's loop Django opened one that nobody else closes


def test_pressing_connect_brings_the_code_to_an_app_on_this_computer(
    live_server: LiveServer, page: Page, callback: str
) -> None:
    client = flow.app("http://127.0.0.1/callback", name="Helper")
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))
    query = urlencode(flow.authorize_query(client, redirect_uri=callback))
    page.goto(f"{live_server.url}/oauth/authorize?{query}")
    assert "An app on this computer wants to work in Acme" in page.inner_text("h1")
    assert page.locator("input[value='actions:approve']").is_checked() is False
    assert page.locator("input[value='contacts:read']").is_checked() is True
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url(f"{callback}?**")
    assert page.inner_text("body") == "arrived"
    assert "code=" in page.url
    assert "iss=" in page.url
    assert not [text for text in refusals if "Content Security Policy" in text]
    assert Connection.objects.get().redirect_host == "this computer"


def test_pressing_deny_tells_the_app(live_server: LiveServer, page: Page, callback: str) -> None:
    client = flow.app("http://127.0.0.1/callback")
    query = urlencode(flow.authorize_query(client, redirect_uri=callback))
    page.goto(f"{live_server.url}/oauth/authorize?{query}")
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{callback}?error=access_denied**")
    assert not Connection.objects.exists()


def test_an_app_that_opened_a_popup_keeps_hold_of_it(
    live_server: LiveServer, page: Page, callback: str
) -> None:
    client = flow.app("http://127.0.0.1/callback")
    query = urlencode(flow.authorize_query(client, redirect_uri=callback))
    page.goto(callback)
    with page.expect_popup() as opened:
        page.evaluate("url => { window.open(url) }", f"{live_server.url}/oauth/authorize?{query}")
    popup = opened.value
    popup.get_by_role("button", name="Connect").click()
    popup.wait_for_url(f"{callback}?**")
    assert popup.evaluate("window.opener !== null")
