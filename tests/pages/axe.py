"""Accessibility checks of a page by axe-core."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1.min.js").read_text()


def violations(page: Page, options: str = "{}") -> list[str]:
    """axe-core's violations of the page as shown, one line each."""
    if page.evaluate("typeof window.axe") == "undefined":
        page.evaluate(AXE)
    result = page.evaluate(f"axe.run(document, {{resultTypes: ['violations'], ...{options}}})")
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]
