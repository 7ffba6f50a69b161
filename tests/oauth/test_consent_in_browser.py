"""The consent page in a real browser: it obeys the policy that may stop the redirect to the app."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from oauth.models import Application, Connection
from tests.browser import Visit, needs_browser
from tests.oauth import flow
from tests.pages.site import Site

pytestmark = needs_browser


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


def register() -> str:
    """The id of a new app on people's computers."""
    client_id: str = flow.app("http://127.0.0.1/callback", name="Helper").client_id
    return client_id


def connections_of(client_id: str) -> list[str]:
    """Where the answers of an app's connections go."""
    app = Application.objects.get(client_id=client_id)
    return list(Connection.objects.filter(application=app).values_list("redirect_host", flat=True))


def consent_page(site: Site, client_id: str, callback: str) -> str:
    """The address an app sends people to."""
    query = flow.authorize_query(client_id, redirect_uri=callback, resource=f"{site.url}/mcp")
    return f"/oauth/authorize?{urlencode(query)}"


def test_pressing_connect_brings_the_code_to_an_app_on_this_computer(
    site: Site, visit: Visit, callback: str
) -> None:
    client_id = site.do(register)
    page = visit("alice@acme.example").open(consent_page(site, client_id, callback))
    assert "An app on this computer wants to work in Acme" in page.inner_text("h1")
    assert page.locator("input[value='actions:approve']").is_checked() is False
    assert page.locator("input[value='contacts:read']").is_checked() is True
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url(f"{callback}?**")
    assert page.inner_text("body") == "arrived"
    assert "code=" in page.url
    assert "iss=" in page.url
    assert site.do(connections_of, client_id) == ["this computer"]


def test_pressing_deny_tells_the_app(site: Site, visit: Visit, callback: str) -> None:
    client_id = site.do(register)
    page = visit("alice@acme.example").open(consent_page(site, client_id, callback))
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{callback}?error=access_denied**")
    assert site.do(connections_of, client_id) == []


def test_an_app_that_opened_a_popup_keeps_hold_of_it(
    site: Site, visit: Visit, callback: str
) -> None:
    path = consent_page(site, site.do(register), callback)
    page = visit("alice@acme.example").page
    page.goto(callback)
    with page.expect_popup() as opened:
        page.evaluate("url => { window.open(url) }", f"{site.url}{path}")
    popup = opened.value
    popup.get_by_role("button", name="Connect").click()
    popup.wait_for_url(f"{callback}?**")
    assert popup.evaluate("window.opener !== null")
