"""A real, headless browser for tests; skipped with a clear word where none is installed."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM and os.environ.get("REQUIRE_BROWSER") != "1",
        reason="no chromium is installed here; REQUIRE_BROWSER=1 makes this a failure",
    ),
]


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A browser of its own, closed at the end; it talks to nobody but the pages it is shown."""
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM or None, args=quiet)
        try:
            yield running
        finally:
            running.close()
