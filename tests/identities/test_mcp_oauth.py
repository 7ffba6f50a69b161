"""An external MCP server with its own OAuth: consent, access, renewal and revocation."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from django.conf import settings
from django.test import Client

from core import clock
from core.errors import ValidationFailed
from identities.channels import settings_of
from identities.models import Channel, Kind
from identities.providers.http import Denied
from identities.providers.mcp import oauth, servers
from identities.providers.mcp.schemas import McpSettings
from identities.services import connection_tests
from tests.fakes import Provider, running
from tests.identities.conftest import identities_team
from tests.identities.test_gmail import log_in
from tests.team import Team

pytestmark = pytest.mark.django_db
ROOT = "/settings/senders/servers/"
HERE = "http://127.0.0.1:8000"


@dataclass
class McpSite:
    """The server, and the browser of an admin with a fresh login."""

    team: Team
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
        return self.browser.get(back.removeprefix(settings.PUBLIC_BASE_URL), follow=True)

    def change(self, **facts: str) -> Any:
        """What the admin saves on the server's page."""
        form = {"name": "mcp_site", "url": f"{self.server.origin}/mcp", "header": "", **facts}
        return self.browser.post(f"{ROOT}{self.channel.pk}/", form)

    def calls(self) -> bool:
        """Whether its tools can be called."""
        return not servers.call(self.channel, "open_ticket", {"title": "X"}).is_error

    def registered(self) -> int:
        """How many clients it registered."""
        return sum("registered" in line for line in self.server.lines())

    def granted(self) -> int:
        """How many access tokens the server gave."""
        return sum("granted" in line for line in self.server.lines())


def added(team: Team, origin: str) -> None:
    Channel.objects.create(
        workspace=team.place,
        kind=Kind.MCP,
        name="mcp_site",
        settings={"url": f"{origin}/mcp"},
        created_at=clock.now(),
    )


@contextmanager
def opened(changed: Any, folder: Path, *ways: str) -> Iterator[McpSite]:
    """The server, whose clients introduce themselves in these ways."""
    team, client = identities_team(), Client()
    with running("mcp_server", folder, "--oauth", *ways) as server:
        changed.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{server.port}"]
        added(team, server.origin)
        log_in(client, team)
        yield McpSite(team, server, client)


@pytest.fixture
def mcp_site(settings: Any, tmp_path: Path) -> Iterator[McpSite]:
    with opened(settings, tmp_path) as desk:
        yield desk


def test_a_yes_lets_us_in_and_its_tools_are_listed(mcp_site: McpSite) -> None:
    with pytest.raises(Denied):
        servers.offered(mcp_site.channel)

    page = mcp_site.connect()

    assert "Server connected" in page.content.decode()
    (step,) = connection_tests.try_channel(mcp_site.team.fresh_admin, str(mcp_site.channel.pk))
    assert step.worked, step
    tools = settings_of(mcp_site.channel, McpSettings).tools
    assert {tool.name for tool in tools} == {"open_ticket", "fail", "long_answer"}
    result = servers.call(mcp_site.channel, "open_ticket", {"title": "Broken"})
    assert not result.is_error
    assert mcp_site.granted() == 1


def test_no_token_is_shown_or_stands_readable(mcp_site: McpSite) -> None:
    page = mcp_site.connect().content.decode()

    row = mcp_site.channel
    token = oauth.bearer_of(row)
    assert token.startswith("access")
    for text in (page, row.secret, str(row.settings)):
        assert token not in text
        assert "refresh" not in text


def test_a_token_is_renewed_before_it_ends(mcp_site: McpSite) -> None:
    mcp_site.connect()

    with time_machine.travel(clock.now().timestamp() + 3590):
        servers.call(mcp_site.channel, "open_ticket", {"title": "Later"})

    assert mcp_site.granted() == 2


def test_a_token_that_ended_early_is_renewed_where_looking_is_safe(mcp_site: McpSite) -> None:
    mcp_site.connect()
    httpx.post(f"{mcp_site.server.origin}/__expire__")

    assert len(servers.offered(mcp_site.channel)) == 3
    assert mcp_site.granted() == 2
    assert len(servers.offered(mcp_site.channel)) == 3
    assert mcp_site.granted() == 2


def test_a_call_is_never_made_twice_for_a_token(mcp_site: McpSite) -> None:
    mcp_site.connect()
    httpx.post(f"{mcp_site.server.origin}/__expire__")

    with pytest.raises(Denied):
        servers.call(mcp_site.channel, "open_ticket", {"title": "Once"})


def test_of_two_workers_the_second_takes_what_the_first_one_got(mcp_site: McpSite) -> None:
    mcp_site.connect()
    one, other = mcp_site.channel, mcp_site.channel

    first = oauth.renewed(one)

    assert oauth.renewed(other) == first  # its refresh token was good once
    assert oauth.bearer_of(mcp_site.channel) == first


def test_a_withdrawn_consent_pauses_the_server_until_somebody_says_yes(mcp_site: McpSite) -> None:
    mcp_site.connect()
    httpx.post(f"{mcp_site.server.origin}/__revoke__")

    (step,) = connection_tests.try_channel(mcp_site.team.fresh_admin, str(mcp_site.channel.pk))

    assert not step.worked
    assert mcp_site.channel.is_paused
    mcp_site.connect()
    (step,) = connection_tests.try_channel(mcp_site.team.fresh_admin, str(mcp_site.channel.pk))
    assert step.worked
    assert not mcp_site.channel.is_paused


def test_each_request_names_the_server_as_the_resource(mcp_site: McpSite) -> None:
    query = parse_qs(urlsplit(mcp_site.to_server()).query)

    assert query["resource"] == [f"{mcp_site.server.origin}/mcp"]
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
    mcp_site: McpSite, query: str
) -> None:
    state = parse_qs(urlsplit(mcp_site.to_server()).query)["state"][0]

    page = mcp_site.browser.get(f"{ROOT}back/?{query.replace('STATE', state)}", follow=True)

    assert page.status_code == 200
    assert (mcp_site.channel.secret, mcp_site.granted()) == ("", 0)
    assert settings_of(mcp_site.channel, McpSettings).oauth is None


def test_only_an_admin_with_a_fresh_login_begins(mcp_site: McpSite) -> None:
    stale, mia, gil = Client(), Client(), Client()
    stale.force_login(mcp_site.team.alice.user)
    mia.force_login(mcp_site.team.mia.user)
    log_in_as(gil, mcp_site.team)

    for browser in (stale, mia, gil):
        answer = browser.get(f"{ROOT}{mcp_site.channel.pk}/oauth/")
        assert "authorize" not in answer.get("Location", "")
    assert settings_of(mcp_site.channel, McpSettings).wanted is None


def log_in_as(browser: Client, team: Team) -> None:
    """Logs in Gil, admin of another workspace, with a fresh login."""
    browser.force_login(team.gil.user)
    session = browser.session
    session["authenticated_at"] = clock.now().timestamp()
    session.save()


def test_another_url_forgets_the_consent(mcp_site: McpSite) -> None:
    mcp_site.connect()
    form = {"name": "mcp_site", "url": f"{mcp_site.server.origin}/other", "header": ""}

    mcp_site.browser.post(f"{ROOT}{mcp_site.channel.pk}/", form)

    assert mcp_site.channel.secret == ""
    assert settings_of(mcp_site.channel, McpSettings).oauth is None


PUBLIC = "https://crm.example.com"
DOCUMENT = f"{PUBLIC}/oauth/client.json"
CLIENT = {"client_id": "by-hand", "client_secret": "hush: 100% & ours"}
BY_HAND = ("--no-registration", "--client", "by-hand:hush: 100% & ours")


@pytest.fixture
def public(settings: Any) -> None:
    """An installation with an address of its own."""
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS, settings.IS_LOOPBACK = PUBLIC, True, False
    settings.ALLOWED_HOSTS = ["crm.example.com"]


def read_by_servers(folder: Path, **changes: Any) -> Path:
    """Our document, fetched as a server would, in a file for the fake server."""
    answer = Client(headers={"host": "crm.example.com"}).get("/oauth/client.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    file = folder / "documents.json"
    file.write_text(json.dumps({DOCUMENT: {**answer.json(), **changes}}))
    return file


def at_home(desk: McpSite) -> None:
    """The browser asks for the installation by its own name."""
    desk.browser.defaults["HTTP_HOST"] = "crm.example.com"


def test_a_server_that_reads_documents_is_shown_ours_and_registers_nobody(
    public: None, settings: Any, tmp_path: Path
) -> None:
    file = read_by_servers(tmp_path)
    with opened(settings, tmp_path, "--documents", str(file)) as desk:
        at_home(desk)
        desk.connect()

        assert desk.calls()
        assert settings_of(desk.channel, McpSettings).oauth.client_id == DOCUMENT  # type: ignore[union-attr]
        assert desk.registered() == 0


def test_a_document_that_names_another_address_lets_nobody_in(
    public: None, settings: Any, tmp_path: Path
) -> None:
    file = read_by_servers(tmp_path, redirect_uris=["https://elsewhere.example/back"])
    with opened(settings, tmp_path, "--documents", str(file)) as desk:
        at_home(desk)

        assert httpx.get(desk.to_server()).status_code == 400


def test_on_this_machine_nobody_reads_our_document_so_it_registers(
    settings: Any, tmp_path: Path
) -> None:
    (empty := tmp_path / "documents.json").write_text("{}")
    with opened(settings, tmp_path, "--documents", str(empty)) as desk:
        desk.connect()

        assert desk.calls()
        assert desk.registered() == 1


@pytest.mark.parametrize("shows", ["client_secret_basic", "client_secret_post"])
def test_a_client_registered_by_hand_goes_before_all_else(
    settings: Any, tmp_path: Path, shows: str
) -> None:
    with opened(settings, tmp_path, "--client", BY_HAND[2], "--shows", shows) as desk:
        assert desk.change(**CLIENT).status_code == 302
        desk.connect()

        assert desk.calls()
        assert desk.registered() == 0
        with time_machine.travel(clock.now().timestamp() + 3590):
            assert desk.calls()  # renewed, with the secret again
        assert desk.granted() == 2
        shown = desk.browser.get(f"{ROOT}{desk.channel.pk}/").content.decode()
        for text in (shown, desk.channel.secret, str(desk.channel.settings)):
            assert "hush" not in text


def test_a_wrong_client_secret_is_said_and_changes_nothing(settings: Any, tmp_path: Path) -> None:
    with opened(settings, tmp_path, *BY_HAND) as desk:
        desk.change(client_id="by-hand", client_secret="wrong")

        page = desk.connect().content.decode()

        assert "The server rejected the authorization." in page
        assert settings_of(desk.channel, McpSettings).oauth is None
        assert desk.granted() == 0


def test_without_any_way_in_the_page_says_what_to_register(settings: Any, tmp_path: Path) -> None:
    with opened(settings, tmp_path, "--no-registration") as desk:
        page = desk.browser.get(f"{ROOT}{desk.channel.pk}/oauth/", follow=True).content.decode()

        assert "requires a pre-registered client" in page
        assert f"{HERE}{ROOT}back/" in page
        assert settings_of(desk.channel, McpSettings).wanted is None


def test_a_client_s_secret_never_travels_as_a_header(settings: Any, tmp_path: Path) -> None:
    with opened(settings, tmp_path, *BY_HAND) as desk:
        desk.change(header="X-Api-Key", **CLIENT)

        with pytest.raises(Denied, match="has not been connected yet"):
            desk.calls()
        assert desk.server.lines() == []


def test_another_client_ends_what_was_consented_to(settings: Any, tmp_path: Path) -> None:
    with opened(settings, tmp_path, *BY_HAND) as desk:
        desk.change(**CLIENT)
        desk.connect()
        desk.change(client_id="by-hand", name="renamed")
        assert desk.calls()  # nothing but its name was changed

        desk.change(client_id="somebody-else")

        assert desk.channel.secret == ""
        assert settings_of(desk.channel, McpSettings).oauth is None


@pytest.mark.parametrize(
    "facts",
    [
        {"client_id": "a", "secret": "Bearer x"},
        {"client_secret": "alone"},
        {"client_id": "a", "client_secret": "zwölf"},
    ],
)
def test_what_is_no_client_is_refused(mcp_site: McpSite, facts: dict[str, str]) -> None:
    before = Channel.objects.values().get()

    answer = mcp_site.change(**facts)

    assert answer.status_code == 400
    assert Channel.objects.values().get() == before
    assert all(secret not in answer.content.decode() for secret in ("Bearer x", "alone", "zwölf"))


def test_a_server_without_oauth_says_so(settings: Any, tmp_path: Path, db: None) -> None:
    with running("mcp_server", tmp_path) as server:
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{server.port}"]
        with pytest.raises(ValidationFailed, match="does not publish its authorization server"):
            oauth.discover(f"{server.origin}/mcp", f"{HERE}{ROOT}back/")


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
    assert oauth._covers(resource, "https://mcp.example/mcp") is covers
