"""Nothing on the pages that a reader can't use, as far as axe-core sees."""

from playwright.sync_api import Page

from tests.browser import DESKTOP, PHONE, Visit, needs_browser
from tests.pages.axe import violations
from tests.pages.site import Site

pytestmark = needs_browser

# The rules of axe-core's default set that look at colours.
OF_COLOURS = "{runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}}"


def test_axe_finds_nothing(visit: Visit, site: Site) -> None:
    special = site.made["special"]
    calm = {"reduced_motion": "reduce"}  # no colour is looked at half-way to another one
    stranger, alice = visit(**calm), visit("alice@acme.example", **calm)
    found = {"/login/": violations_in_all_views(stranger.open("/login/"))}
    for path in [
        "/approvals/",
        f"/approvals/?item={special['hidden']}",
        f"/approvals/?item={special['long']}",
        f"/approvals/?item={site.made['plain'][16]}&edit=1",
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
        found[path] = violations_in_all_views(alice.open(path))
    assert {path: faults for path, faults in found.items() if faults} == {}


def violations_in_all_views(page: Page) -> list[str]:
    """What axe-core says of the page, at a team and on a phone, light and dark.

    Of the two colour schemes the second is asked for what depends on colours.
    """
    found = []
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        found += violations(page)
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {fault}" for fault in violations(page, OF_COLOURS)]
    return found
