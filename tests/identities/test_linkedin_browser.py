"""A LinkedIn login in a real browser: the page goes on by itself, and obeys our policy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from identities.models import Channel
from jobs import execution
from standins import unipile
from standins.unipile import CODE
from tests import browser, standins
from tests.identities.office import CANARY, Office, make_office
from tests.identities.test_pages import browser as logged_in

pytestmark = [pytest.mark.slow, *browser.needs_browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _playwright_has_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright's loop runs in this thread, so Django takes every query for one in a coroutine.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def office(db: None, settings: Any, tmp_path: Path, live_server: LiveServer) -> Iterator[Office]:
    with standins.running("unipile", tmp_path) as provider:
        settings.UNIPILE_API_URL = provider.origin
        settings.UNIPILE_API_KEY = unipile.TOKEN
        settings.OUTBOUND_OPERATOR_ORIGINS = [provider.origin]
        settings.PUBLIC_BASE_URL = live_server.url  # where the provider calls and sends people
        settings.UNIPILE_CALLS_BACK = True
        yield make_office()


@pytest.fixture
def session(office: Office) -> str:
    """Alice's, who has just given her password; made before the browser starts."""
    return str(logged_in(office.alice, fresh=True).cookies["session"].value)


def visit(live_server: LiveServer, session: str, running: Any, **options: Any) -> Page:
    context = running.new_context(**options)
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    page: Page = context.new_page()
    return page


def heard(page: Page) -> list[str]:
    """What the browser complains of, but for icons that are not there."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "404 (Not Found)" not in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    return complaints


def open_login(page: Page, live_server: LiveServer, office: Office) -> str:
    """From the sender's page to the login's; the job's id."""
    page.goto(f"{live_server.url}/settings/senders/{office.sender.pk}/")
    page.get_by_role("button", name="Connect LinkedIn").click()
    return page.url.rstrip("/").rpartition("/")[2]


def begin(page: Page, live_server: LiveServer, office: Office, word: str) -> str:
    """From the sender's page to the provider's answer; the job's id."""
    job_id = open_login(page, live_server, office)
    page.get_by_label("LinkedIn e-mail address or phone number").fill(f"{word}@mail.example")
    page.get_by_label("LinkedIn password").fill(CANARY)
    page.get_by_role("button", name="Log in to LinkedIn").click()
    return job_id


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_code_is_typed_and_the_page_says_what_came_of_it(
    live_server: LiveServer, office: Office, session: str, scripts: bool
) -> None:
    with browser.browser() as running:
        page = visit(live_server, session, running, java_script_enabled=scripts)
        complaints = heard(page)
        job_id = begin(page, live_server, office, "code")
        page.get_by_label("Code").fill("111 111")
        page.get_by_role("button", name="Hand in the code").click()
        expect(page.get_by_text("Handing in the code.")).to_be_visible()

        execution.run(job_id)
        expect(page.get_by_text("LinkedIn refused the code.")).to_be_visible(timeout=60_000)
        page.get_by_label("Code").fill(CODE)
        page.get_by_role("button", name="Hand in the code").click()
        execution.run(job_id)
        execution.run(job_id)

        expect(page.get_by_text("LinkedIn is connected.")).to_be_visible(timeout=60_000)
        assert CANARY not in page.content()
    assert complaints == []
    assert Channel.objects.get().state == "ok"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_login_on_the_provider_s_page_and_back(
    live_server: LiveServer, office: Office, session: str, scripts: bool
) -> None:
    with browser.browser() as running:
        page = visit(live_server, session, running, java_script_enabled=scripts)
        complaints = heard(page)
        job_id = open_login(page, live_server, office)
        page.get_by_role("link", name="Log in on the provider’s page").click()
        expect(page.get_by_role("heading", name="Log in to LinkedIn")).to_be_visible()
        page.get_by_role("button", name="Give a wrong password").click()
        expect(page.get_by_text("LinkedIn refused the address or password.")).to_be_visible()
        page.get_by_label("E-mail address").fill("mia@mail.example")
        page.get_by_role("button", name="Log in", exact=True).click()

        expect(page.get_by_text("Asking for its account.")).to_be_visible()  # it called back
        assert page.url == f"{live_server.url}/linkedin/{job_id}/"
        execution.run(job_id)
        execution.run(job_id)
        expect(page.get_by_text("LinkedIn is connected.")).to_be_visible(timeout=60_000)
    assert complaints == []
    assert Channel.objects.get().state == "ok"


def test_a_link_that_expired_there_leads_back_to_the_form(
    live_server: LiveServer, office: Office, session: str
) -> None:
    with browser.browser() as running:
        page = visit(live_server, session, running)
        job_id = open_login(page, live_server, office)
        page.get_by_role("link", name="Log in on the provider’s page").click()
        page.get_by_role("button", name="Let it expire").click()

        expect(page.get_by_text("could not log in")).to_be_visible()
        page.get_by_label("LinkedIn e-mail address or phone number").fill("plain@mail.example")
        page.get_by_label("LinkedIn password").fill(CANARY)
        page.get_by_role("button", name="Log in to LinkedIn").click()
        execution.run(job_id)
        expect(page.get_by_text("LinkedIn is connected.")).to_be_visible(timeout=60_000)


def test_where_nothing_is_reported_the_person_goes_on_here(
    live_server: LiveServer, office: Office, session: str
) -> None:
    with browser.browser() as running:
        page = visit(live_server, session, running)
        open_login(page, live_server, office)
        page.get_by_role("link", name="Log in on the provider’s page").click()
        page.get_by_role("button", name="Log in, but report nothing").click()

        expect(page.get_by_text("its report is waited for")).to_be_visible()
        page.get_by_role("button", name="Log in here instead").click()
        expect(page.get_by_label("LinkedIn password")).to_be_visible()
    assert not Channel.objects.exists()
