"""An external MCP server with its own OAuth: asked, let in, renewed, and shut out again."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from django.test import Client

from core import clock
from core.errors import ValidationFailed
from identities import mcp_oauth, mcp_servers
from identities.channels import settings_of
from identities.models import Channel, Kind
from identities.providers.http import Denied
from identities.schemas.channels import McpSettings
from identities.services import trying
from tests.identities.office import Office, make_office
from tests.identities.test_gmail import log_in
from tests.standins import Provider, running

pytestmark = pytest.mark.django_db
ROOT = "/settings/senders/servers/"
HERE = "http://127.0.0.1:8000"


@dataclass
class Helpdesk:
    """The server, and the browser of an admin who has just given her password."""

    office: Office
    server: Provider
    browser: Client

    @property
    def channel(self) -> Channel:
        return Channel.objects.get()

    def to_server(self) -> str:
        """Where the page sends the admin."""
        answer = self.browser.get(f"{ROOT}{self.channel.pk}/oauth/")
        assert answer.status_code == 302, answer.content
        return str(answer["Location"])

    def connect(self) -> Any:
        """There and back."""
        back = httpx.get(self.to_server()).headers["Location"]
        return self.browser.get(back.removeprefix(HERE), follow=True)

    def granted(self) -> int:
        """How many access tokens the server gave."""
        return sum("granted" in line for line in self.server.lines())


def added(office: Office, origin: str) -> None:
    Channel.objects.create(
        workspace=office.place,
        kind=Kind.MCP,
        name="helpdesk",
        settings={"url": f"{origin}/mcp"},
        created_at=clock.now(),
    )


@pytest.fixture
def helpdesk(settings: Any, tmp_path: Path, client: Client) -> Iterator[Helpdesk]:
    office = make_office()
    with running("mcp_server", tmp_path, "--oauth") as server:
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{server.port}"]
        added(office, server.origin)
        log_in(client, office)
        yield Helpdesk(office, server, client)


def test_a_yes_lets_us_in_and_its_tools_are_listed(helpdesk: Helpdesk) -> None:
    with pytest.raises(Denied):
        mcp_servers.offered(helpdesk.channel)

    page = helpdesk.connect()

    assert "The server lets us in" in page.content.decode()
    (step,) = trying.try_channel(helpdesk.office.admin, str(helpdesk.channel.pk))
    assert step.worked, step
    tools = settings_of(helpdesk.channel, McpSettings).tools
    assert {tool.name for tool in tools} == {"open_ticket", "fail", "long_answer"}
    result = mcp_servers.call(helpdesk.channel, "open_ticket", {"title": "Broken"})
    assert not result.is_error
    assert helpdesk.granted() == 1


def test_no_token_is_shown_or_stands_readable(helpdesk: Helpdesk) -> None:
    page = helpdesk.connect().content.decode()

    row = helpdesk.channel
    token = mcp_oauth.bearer_of(row)
    assert token.startswith("access")
    for text in (page, row.secret, str(row.settings)):
        assert token not in text
        assert "refresh" not in text


def test_a_token_is_renewed_before_it_ends(helpdesk: Helpdesk) -> None:
    helpdesk.connect()

    with time_machine.travel(clock.now().timestamp() + 3590):
        mcp_servers.call(helpdesk.channel, "open_ticket", {"title": "Later"})

    assert helpdesk.granted() == 2


def test_a_token_that_ended_early_is_renewed_where_looking_is_safe(helpdesk: Helpdesk) -> None:
    helpdesk.connect()
    httpx.post(f"{helpdesk.server.origin}/__expire__")

    assert len(mcp_servers.offered(helpdesk.channel)) == 3
    assert helpdesk.granted() == 2
    assert len(mcp_servers.offered(helpdesk.channel)) == 3
    assert helpdesk.granted() == 2


def test_a_call_is_never_made_twice_for_a_token(helpdesk: Helpdesk) -> None:
    helpdesk.connect()
    httpx.post(f"{helpdesk.server.origin}/__expire__")

    with pytest.raises(Denied):
        mcp_servers.call(helpdesk.channel, "open_ticket", {"title": "Once"})


def test_of_two_workers_the_second_takes_what_the_first_one_got(helpdesk: Helpdesk) -> None:
    helpdesk.connect()
    one, other = helpdesk.channel, helpdesk.channel

    first = mcp_oauth.renewed(one)

    assert mcp_oauth.renewed(other) == first  # its refresh token was good once
    assert mcp_oauth.bearer_of(helpdesk.channel) == first


def test_a_withdrawn_consent_pauses_the_server_until_somebody_says_yes(helpdesk: Helpdesk) -> None:
    helpdesk.connect()
    httpx.post(f"{helpdesk.server.origin}/__revoke__")

    (step,) = trying.try_channel(helpdesk.office.admin, str(helpdesk.channel.pk))

    assert not step.worked
    assert helpdesk.channel.is_paused
    helpdesk.connect()
    (step,) = trying.try_channel(helpdesk.office.admin, str(helpdesk.channel.pk))
    assert step.worked
    assert not helpdesk.channel.is_paused


def test_each_request_names_the_server_as_the_resource(helpdesk: Helpdesk) -> None:
    query = parse_qs(urlsplit(helpdesk.to_server()).query)

    assert query["resource"] == [f"{helpdesk.server.origin}/mcp"]
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"{HERE}{ROOT}back/"]


@pytest.mark.parametrize(
    "query",
    [
        "code=code1&state=made-up",
        "code=code1",
        "",
        "error=access_denied&state=STATE",
        "code=made-up&state=STATE",
        "code=code1&state=STATE&iss=https://elsewhere.example",
    ],
)
def test_an_answer_that_is_not_the_one_asked_for_changes_nothing(
    helpdesk: Helpdesk, query: str
) -> None:
    state = parse_qs(urlsplit(helpdesk.to_server()).query)["state"][0]

    page = helpdesk.browser.get(f"{ROOT}back/?{query.replace('STATE', state)}", follow=True)

    assert page.status_code == 200
    assert (helpdesk.channel.secret, helpdesk.granted()) == ("", 0)
    assert settings_of(helpdesk.channel, McpSettings).oauth is None


def test_only_an_admin_with_a_fresh_login_begins(helpdesk: Helpdesk) -> None:
    stale, mia, gil = Client(), Client(), Client()
    stale.force_login(helpdesk.office.alice.user)
    mia.force_login(helpdesk.office.mia.user)
    log_in_as(gil, helpdesk.office)

    for browser in (stale, mia, gil):
        answer = browser.get(f"{ROOT}{helpdesk.channel.pk}/oauth/")
        assert "authorize" not in answer.get("Location", "")
    assert settings_of(helpdesk.channel, McpSettings).wanted is None


def log_in_as(browser: Client, office: Office) -> None:
    """Gil, the admin of another workspace, with his password just given."""
    browser.force_login(office.gil.user)
    session = browser.session
    session["authenticated_at"] = clock.now().timestamp()
    session.save()


def test_another_url_forgets_the_consent(helpdesk: Helpdesk) -> None:
    helpdesk.connect()
    form = {"name": "helpdesk", "url": f"{helpdesk.server.origin}/other", "header": ""}

    helpdesk.browser.post(f"{ROOT}{helpdesk.channel.pk}/", form)

    assert helpdesk.channel.secret == ""
    assert settings_of(helpdesk.channel, McpSettings).oauth is None


def test_a_server_without_oauth_says_so(settings: Any, tmp_path: Path, db: None) -> None:
    with running("mcp_server", tmp_path) as server:
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{server.port}"]
        with pytest.raises(ValidationFailed, match="does not say where its tokens come from"):
            mcp_oauth.discover(f"{server.origin}/mcp", f"{HERE}{ROOT}back/")


@pytest.mark.parametrize(
    ("resource", "covers"),
    [
        ("https://mcp.example/mcp", True),
        ("https://mcp.example", True),
        ("https://mcp.example/", True),
        ("https://mcp.example/m", False),
        ("https://mcp.example.evil.example/mcp", False),
        ("http://mcp.example/mcp", False),
        ("https://other.example/mcp", False),
    ],
)
def test_metadata_has_to_be_about_this_very_server(resource: str, covers: bool) -> None:
    assert mcp_oauth._covers(resource, "https://mcp.example/mcp") is covers
