"""The pages of agents in a real browser."""

import re

from playwright.sync_api import expect

from tests.browser import Visit, needs_browser
from tests.pages.axe import violations
from tests.pages.site import Site

pytestmark = needs_browser


def test_an_agent_is_made_tried_switched_on_and_leads_to_its_card(visit: Visit, site: Site) -> None:
    page = visit("alice@acme.example").open("/agents/")
    page.get_by_role("link", name="New agent").click()
    page.get_by_role("link", name=re.compile("Use template.*Pricing")).click()
    page.fill("[name=name]", "Prices")
    page.locator("[name$='-days']").first.fill("6")
    expect(page.locator("#preview")).to_contain_text("Vera Ng")
    assert violations(page) == []
    page.get_by_role("button", name="Create agent").click()
    trial = page.get_by_role("button", name="Try on three contacts")
    expect(trial).to_be_visible()
    assert violations(page) == []

    trial.click()
    expect(page.locator("#run")).to_contain_text("A trial: nothing was proposed.")
    site.work()
    expect(page.locator("#run")).to_contain_text("would need approval")
    page.get_by_role("link", name="Prices").click()
    page.get_by_role("button", name="Enable", exact=True).click()
    page.get_by_role("button", name="Run now").click()
    site.work()
    page.get_by_role("link", name="Open the card").first.wait_for()
    assert violations(page) == []
    page.get_by_role("link", name="Open the card").first.click()

    expect(page.locator(".action .meta").first).to_contain_text("requested by Prices in a run")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
