"""The page of Unipile's own on which a person logs in: its buttons say what happens.

It calls back to addresses of this machine only.
"""

import html
from typing import Any
from urllib.parse import urlsplit

import httpx

from fakes.base import Answer, Page

CALL_SECONDS = 10


def form(said: str = "") -> Page:
    """The page a person logs in on; what is typed decides nothing, the button does."""
    return Page(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><title>Log in to LinkedIn</title>"
        "<body style='font: 16px/1.5 system-ui; max-width: 24rem; margin: auto; padding: 1rem'>"
        "<h1>Log in to LinkedIn</h1><p>A fake server of the provider’s page.</p>"
        f"<p role=alert>{html.escape(said)}</p><form method=post>"
        "<p><label>E-mail address <input name=username autocomplete=off></label></p>"
        "<p><button name=do value=login>Log in</button>"
        " <button name=do value=silent>Log in, but report nothing</button>"
        " <button name=do value=wrong>Give a wrong password</button>"
        " <button name=do value=expire>Let it expire</button></p></form>"
    )


GONE = Answer(410, Page("<!doctype html><title>Gone</title><h1>This link has expired</h1>"))


def on_to(url: str | None, effect: dict[str, Any] | None = None) -> Answer:
    """The way back, or a last page where the link names none."""
    if url is None:
        return Answer(200, Page("<!doctype html><title>Done</title><h1>Done</h1>"), effect=effect)
    return Answer(302, {}, {"Location": url}, effect=effect)


def call_back(url: str | None, said: dict[str, Any]) -> int:
    """Report a login; the status it was answered with, 0 where nobody did."""
    if url is None or urlsplit(url).hostname not in {"127.0.0.1", "localhost"}:
        return 0
    try:
        return httpx.post(url, json=said, timeout=CALL_SECONDS, trust_env=False).status_code
    except httpx.HTTPError:
        return 0
