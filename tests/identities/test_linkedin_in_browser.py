"""A LinkedIn login in a real browser: the page continues by itself, within the CSP."""

import pytest
from playwright.sync_api import Page, expect

from fakes.unipile import CODE
from identities.models import Channel
from tests import inside
from tests.browser import Visit, needs_browser
from tests.identities.providers import CANARY
from tests.pages.site import Site

pytestmark = needs_browser


@pytest.fixture
def sender(site: Site) -> str:
    """A sender without a channel, of Globex: a form for agents of Acme would offer it first."""
    return site.do(inside.add_sender, "globex")


def channels_of(sender_id: str) -> list[str]:
    """How the sender's connections are."""
    return list(Channel.objects.filter(identity_id=sender_id).values_list("state", flat=True))


def open_login(page: Page, site: Site, sender: str) -> str:
    """From the sender's page to the login's; the job's id."""
    page.goto(f"{site.url}/settings/senders/{sender}/")
    page.get_by_role("button", name="Connect LinkedIn").click()
    page.wait_for_url("**/linkedin/**")
    return page.url.rstrip("/").rpartition("/")[2]


def begin(page: Page, site: Site, sender: str, word: str) -> str:
    """From the sender's page to the provider's answer; the job's id."""
    job_id = open_login(page, site, sender)
    page.get_by_label("LinkedIn e-mail address or phone number").fill(f"{word}@mail.example")
    page.get_by_label("LinkedIn password").fill(CANARY)
    page.get_by_role("button", name="Log in to LinkedIn").click()
    return job_id


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_code_is_typed_and_the_page_says_what_came_of_it(
    site: Site, visit: Visit, sender: str, scripts: bool
) -> None:
    page = visit("gil@globex.example", fresh=True, java_script_enabled=scripts).page
    job_id = begin(page, site, sender, "code")
    page.get_by_label("Code").fill("111 111")
    page.get_by_role("button", name="Submit code").click()
    expect(page.get_by_text("Submitting the code.")).to_be_visible()

    site.do(inside.turn, job_id)
    expect(page.get_by_text("LinkedIn rejected the code.")).to_be_visible()
    page.get_by_label("Code").fill(CODE)
    page.get_by_role("button", name="Submit code").click()
    site.do(inside.turn, job_id)
    site.do(inside.turn, job_id)

    expect(page.get_by_text("LinkedIn is connected.")).to_be_visible()
    assert CANARY not in page.content()
    assert site.do(channels_of, sender) == ["ok"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_login_on_the_provider_s_page_and_back(
    site: Site, visit: Visit, sender: str, scripts: bool
) -> None:
    page = visit("gil@globex.example", fresh=True, java_script_enabled=scripts).page
    job_id = open_login(page, site, sender)
    page.get_by_role("link", name="Log in on the provider’s page").click()
    expect(page.get_by_role("heading", name="Log in to LinkedIn")).to_be_visible()
    page.get_by_role("button", name="Give a wrong password").click()
    expect(page.get_by_text("LinkedIn refused the address or password.")).to_be_visible()
    page.get_by_label("E-mail address").fill("mia@mail.example")
    page.get_by_role("button", name="Log in", exact=True).click()

    expect(page.get_by_text("Checking the account.")).to_be_visible()  # it called back
    assert page.url == f"{site.url}/linkedin/{job_id}/"
    site.do(inside.turn, job_id)
    site.do(inside.turn, job_id)
    expect(page.get_by_text("LinkedIn is connected.")).to_be_visible()
    assert site.do(channels_of, sender) == ["ok"]


def test_a_link_that_expired_there_leads_back_to_the_form(
    site: Site, visit: Visit, sender: str
) -> None:
    page = visit("gil@globex.example", fresh=True).page
    job_id = open_login(page, site, sender)
    page.get_by_role("link", name="Log in on the provider’s page").click()
    page.get_by_role("button", name="Let it expire").click()

    expect(page.get_by_text("login on the provider's page failed")).to_be_visible()
    page.get_by_label("LinkedIn e-mail address or phone number").fill("plain@mail.example")
    page.get_by_label("LinkedIn password").fill(CANARY)
    page.get_by_role("button", name="Log in to LinkedIn").click()
    site.do(inside.turn, job_id)
    expect(page.get_by_text("LinkedIn is connected.")).to_be_visible()


def test_where_nothing_is_reported_the_person_goes_on_here(
    site: Site, visit: Visit, sender: str
) -> None:
    page = visit("gil@globex.example", fresh=True).page
    open_login(page, site, sender)
    page.get_by_role("link", name="Log in on the provider’s page").click()
    page.get_by_role("button", name="Log in, but report nothing").click()

    expect(page.get_by_text("its report is waited for")).to_be_visible()
    page.get_by_role("button", name="Log in here instead").click()
    expect(page.get_by_label("LinkedIn password")).to_be_visible()
    assert site.do(channels_of, sender) == []
