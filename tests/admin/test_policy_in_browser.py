"""The admin in a real browser obeys our content security policy."""

from tests.browser import Visit, needs_browser
from tests.pages.site import Site

pytestmark = needs_browser


def test_index_lists_and_details_break_no_policy(site: Site, visit: Visit) -> None:
    operator = visit("ops@pathbound.example")
    contact, workspace = site.made["contact"], site.made["workspace"]

    for path, words in {
        "": "Site administration",
        "crm/contact/": "@umbrella.example",
        f"crm/contact/{contact}/change/": "View contact",
        "accounts/workspace/": "Acme",
        f"accounts/workspace/{workspace}/change/": "Change workspace",
        "core/auditentry/": "audit entries",
        "approvals/action/": "action",
    }.items():
        page = operator.open(f"/admin/{path}")
        assert words in page.inner_text("body")
        assert page.locator("#header").evaluate("e => getComputedStyle(e).display") == "flex"
