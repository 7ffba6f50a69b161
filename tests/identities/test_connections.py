"""Connections of the workspace: enabled with the password, tested, limited to what was read."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from pydantic import SecretStr

from accounts.models import Notice
from accounts.services import access_grants
from core.actor import Actor
from core.errors import AppError, Conflict, Forbidden, NotFound, ValidationFailed
from core.models import AuditEntry
from core.schemas import as_json, validated
from identities import channels
from identities.models import Channel, Kind
from identities.models.connected import FAILING, OK, PAUSED, UNCHECKED
from identities.providers.mcp.schemas import McpSettings, McpTool
from identities.providers.slack.schemas import SlackChannel, SlackSettings
from identities.schemas.connections import ServerSettings
from identities.services import connection_tests, connections
from tests import factories
from tests.identities.providers import CANARY, Provider, fake
from tests.team import Team

TOKEN = SecretStr(CANARY)
TICKET = McpTool(name="open_ticket", description="Open a ticket.", pin="a" * 64)
GENERAL = SlackChannel(id="C1", name="general")
PARTNER = SlackChannel(id="C2", name="partner", is_shared=True)


def wish(**facts: Any) -> ServerSettings:
    given = {"name": "tickets", "url": "https://mcp.example/mcp", "header": "Authorization"}
    return validated(ServerSettings, {**given, **facts})


def server(team: Team, **facts: Any) -> Channel:
    return connections.add_server(team.fresh_admin, wish(secret=CANARY, **facts))


def opens(team: Team) -> dict[str, Callable[[Actor], object]]:
    """Everything here that enables external access."""
    slack = connections.save_token(team.fresh_admin, Kind.SLACK, TOKEN)
    connections.refresh_listing(team.fresh_admin, slack, [GENERAL])
    tickets = server(team, name="open")
    return {
        "a token": lambda actor: connections.save_token(actor, Kind.SLACK, TOKEN),
        "a server": lambda actor: connections.add_server(actor, wish(name="other")),
        "another server": lambda actor: connections.change_server(actor, tickets.pk, wish()),
        "a Slack channel": lambda actor: connections.allow(actor, str(slack.pk), ["C1"]),
    }


def test_external_access_needs_an_admin_who_has_just_given_the_password(
    team: Team,
) -> None:
    for name, attempt in opens(team).items():
        before = list(Channel.objects.order_by("pk").values())
        for actor in (team.admin, factories.person(team.mia).with_fresh_login()):
            with pytest.raises(Forbidden):
                attempt(actor)
        assert list(Channel.objects.order_by("pk").values()) == before, name
        attempt(team.fresh_admin)


def test_every_other_admin_is_told_of_a_new_access_grant(team: Team) -> None:
    connections.save_token(team.fresh_admin, Kind.SLACK, TOKEN)

    told = Notice.objects.values_list("user__name", "facts__access", "facts__by")
    assert list(told) == [("Ada", "Slack", "Alice")]
    ada = factories.person(team.ada)
    assert [notice.facts["access"] for notice in access_grants.unseen(ada)] == ["Slack"]
    assert access_grants.unseen(team.fresh_admin) == access_grants.unseen(team.foreign_admin) == []
    access_grants.mark_seen(ada)
    assert access_grants.unseen(ada) == []


def test_a_secret_is_sealed_and_the_audit_log_does_not_hold_it(team: Team) -> None:
    row = connections.save_token(team.fresh_admin, Kind.RESEND, TOKEN)
    stored = Channel.objects.get(pk=row.pk)

    assert stored.opened() == {"token": CANARY}
    assert (stored.state, str(stored.opened_by)) == (UNCHECKED, "Alice")
    assert CANARY not in str(list(Channel.objects.values())) + str(
        list(AuditEntry.objects.values())
    )


@pytest.mark.parametrize("token", ["", "short", "x" * 4001, "söme-token-here", "two\nlines here"])
def test_what_is_no_token_is_refused(team: Team, token: str) -> None:
    with pytest.raises(ValidationFailed, match="Invalid token") as refusal:
        connections.save_token(team.fresh_admin, Kind.HUBSPOT, SecretStr(token))

    assert refusal.value.field == "secret"
    assert not Channel.objects.exists()


def test_a_connection_of_another_workspace_is_missing(team: Team) -> None:
    row, gil = server(team), team.foreign_admin
    attempts: list[Callable[[], object]] = [
        lambda: connections.change_server(gil, str(row.pk), wish()),
        lambda: connections.allow(gil, str(row.pk), []),
        lambda: connections.close_channel(gil, str(row.pk)),
        lambda: connection_tests.try_channel(gil, str(row.pk)),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert Channel.objects.filter(pk=row.pk).exists()
    # The same works for the owners.
    connections.close_channel(team.admin, str(row.pk))
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://other.example/mcp"},
        {"url": "https://mcp.example/other"},
        {"url": "https://mcp.example:8443/mcp"},
        {"header": "X-Api-Key"},
    ],
)
def test_another_url_or_header_forgets_the_secret_and_allows_nothing(
    team: Team, change: dict[str, str]
) -> None:
    row = server(team)
    connections.refresh_listing(team.fresh_admin, row, [TICKET])
    connections.allow(team.fresh_admin, str(row.pk), ["open_ticket"])

    connections.change_server(team.fresh_admin, str(row.pk), wish(**change))

    row.refresh_from_db()
    assert row.opened() == {}
    assert channels.settings_of(row, McpSettings).tools == []


def test_another_name_keeps_the_secret_and_what_is_allowed(team: Team) -> None:
    row = server(team)
    connections.refresh_listing(team.fresh_admin, row, [TICKET])
    connections.allow(team.fresh_admin, str(row.pk), ["open_ticket"])

    connections.change_server(team.fresh_admin, str(row.pk), wish(name="support"))

    row.refresh_from_db()
    assert (row.name, row.opened()["token"]) == ("support", CANARY)
    assert channels.settings_of(row, McpSettings).allowed("open_ticket") is not None


def test_two_servers_of_one_name_are_a_conflict(team: Team) -> None:
    server(team)

    with pytest.raises(Conflict, match="already exists"):
        server(team)


@pytest.mark.parametrize(
    "facts",
    [
        {"url": "http://mcp.example/mcp"},
        {"url": "ftp://mcp.example/mcp"},
        {"url": "https://user:pass@mcp.example/mcp"},
        {"url": django_settings.PUBLIC_BASE_URL + "/mcp"},
        {"url": django_settings.PUBLIC_BASE_URL.replace("127.0.0.1", "localhost") + "/mcp"},
        {"url": "https://mcp.example:99999999/mcp"},
        {"name": "Two Words"},
        {"name": ""},
        {"header": "X: y"},
        {"secret": "Bearer a\r\nX-Other: b"},
        {"colour": "red"},
    ],
)
def test_what_is_no_server_is_refused(team: Team, facts: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed):
        connections.add_server(team.fresh_admin, wish(**facts))

    assert not Channel.objects.exists()


def test_only_what_was_listed_can_be_allowed(team: Team) -> None:
    row = server(team)
    connections.refresh_listing(team.fresh_admin, row, [TICKET])

    with pytest.raises(ValidationFailed, match="no longer listed"):
        connections.allow(team.fresh_admin, str(row.pk), ["open_ticket", "delete_all"])
    row.refresh_from_db()
    assert channels.settings_of(row, McpSettings).allowed("open_ticket") is None


def test_closing_needs_no_fresh_login(team: Team) -> None:
    row = server(team)
    connections.refresh_listing(team.fresh_admin, row, [TICKET])
    connections.allow(team.fresh_admin, str(row.pk), ["open_ticket"])

    connections.allow(team.admin, str(row.pk), [])

    row.refresh_from_db()
    assert channels.settings_of(row, McpSettings).allowed("open_ticket") is None


@pytest.mark.parametrize("change", [{"pin": "b" * 64}, {"name": "open_tickets"}])
def test_a_tool_that_changed_is_not_allowed_any_more(team: Team, change: dict[str, str]) -> None:
    row = server(team)
    connections.refresh_listing(team.fresh_admin, row, [TICKET])
    connections.allow(team.fresh_admin, str(row.pk), ["open_ticket"])

    connections.refresh_listing(team.fresh_admin, row, [TICKET])
    row.refresh_from_db()
    assert channels.settings_of(row, McpSettings).allowed("open_ticket") is not None

    connections.refresh_listing(team.fresh_admin, row, [TICKET.model_copy(update=change)])
    row.refresh_from_db()
    assert [tool.is_allowed for tool in channels.settings_of(row, McpSettings).tools] == [False]


def test_a_slack_channel_that_became_shared_is_not_allowed_any_more(team: Team) -> None:
    row = connections.save_token(team.fresh_admin, Kind.SLACK, TOKEN)
    connections.refresh_listing(team.fresh_admin, row, [GENERAL, PARTNER])
    connections.allow(team.fresh_admin, str(row.pk), ["C1"])

    connections.refresh_listing(
        team.fresh_admin, row, [GENERAL.model_copy(update={"is_shared": True})]
    )

    row.refresh_from_db()
    assert channels.settings_of(row, SlackSettings).allowed("C1") is None


def test_every_access_grant_is_on_the_list(team: Team) -> None:
    connections.save_token(team.fresh_admin, Kind.SLACK, TOKEN)
    server(team)

    found = {
        (grant.kind, grant.name, grant.opened_by)
        for grant in access_grants.open_grants(team.fresh_admin)
    }

    assert found == {
        ("Slack", "(0 channels allowed)", "Alice"),
        ("MCP server", "tickets (0 tools allowed)", "Alice"),
    }
    assert access_grants.open_grants(team.foreign_admin) == []
    with pytest.raises(Forbidden):
        access_grants.open_grants(factories.person(team.mia))


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with fake("slack", tmp_path_factory.mktemp("slack")) as running:
        yield running


@pytest.fixture(scope="module")
def resend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with fake("resend", tmp_path_factory.mktemp("resend")) as running:
        yield running


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with fake("hubspot", tmp_path_factory.mktemp("hubspot")) as running:
        yield running


@pytest.fixture
def tickets(tmp_path: Path) -> Iterator[Provider]:
    with fake("mcp_server", tmp_path) as running:
        place = running.url.removeprefix("http://")
        with override_settings(OUTBOUND_PRIVATE_HOSTS=[place]):
            yield running


def named(provider: Provider, name: str, path: str = "") -> Any:
    """Settings under which the provider is this fake server."""
    origins = [*django_settings.OUTBOUND_OPERATOR_ORIGINS, provider.url]
    return override_settings(**{name: provider.url + path, "OUTBOUND_OPERATOR_ORIGINS": origins})


def state_of(row: Channel) -> tuple[str, str]:
    row.refresh_from_db()
    return str(row.state), str(row.state_sentence)


def test_slack_says_which_channels_there_are(team: Team, slack: Provider) -> None:
    row = connections.save_token(team.fresh_admin, Kind.SLACK, SecretStr("xoxb-fake-token"))
    with named(slack, "SLACK_API_URL", "/api"):
        (step,) = connection_tests.try_channel(team.admin, str(row.pk))

    assert step.worked, step
    assert state_of(row) == (OK, "")
    found = channels.settings_of(row, SlackSettings)
    assert found.team == "Acme"
    shown = {(each.name, each.is_shared, each.is_allowed) for each in found.channels}
    assert ("general", False, False) in shown
    assert ("acme-and-partner", True, False) in shown
    assert not {"somewhere-else", "old-news"} & {name for name, _, _ in shown}


def test_channels_of_another_slack_workspace_mean_nothing_in_this_one(
    team: Team, slack: Provider
) -> None:
    row = connections.save_token(team.fresh_admin, Kind.SLACK, SecretStr("xoxb-fake-token"))
    old = SlackSettings(
        team_id="T0OTHER", channels=[SlackChannel(id="C0GENERAL1", name="x", is_allowed=True)]
    )
    Channel.objects.filter(pk=row.pk).update(settings=as_json(old))
    with named(slack, "SLACK_API_URL", "/api"):
        connection_tests.try_channel(team.fresh_admin, str(row.pk))

    row.refresh_from_db()
    assert channels.settings_of(row, SlackSettings).allowed("C0GENERAL1") is None


@pytest.mark.parametrize(
    ("kind", "setting", "path", "right"),
    [
        (Kind.SLACK, "SLACK_API_URL", "/api", "xoxb-fake-token"),
        (Kind.RESEND, "RESEND_API_URL", "", ""),
        (Kind.HUBSPOT, "HUBSPOT_API_URL", "", ""),
    ],
)
def test_a_refused_token_pauses_and_the_right_one_mends(
    team: Team,
    request: pytest.FixtureRequest,
    kind: Kind,
    setting: str,
    path: str,
    right: str,
) -> None:
    provider: Provider = request.getfixturevalue(kind.value)
    token = right or _token_of(kind)
    row = connections.save_token(team.fresh_admin, kind, TOKEN)
    with named(provider, setting, path):
        (step,) = connection_tests.try_channel(team.fresh_admin, str(row.pk))
        assert (step.worked, state_of(row)[0]) == (False, PAUSED), step
        assert "rejected" in step.sentence

        connections.save_token(team.fresh_admin, kind, SecretStr(token))
        (step,) = connection_tests.try_channel(team.fresh_admin, str(row.pk))
        assert (step.worked, state_of(row)[0]) == (True, OK), step


def _token_of(kind: Kind) -> str:
    from fakes import hubspot, resend

    return {Kind.RESEND: resend.TOKEN, Kind.HUBSPOT: hubspot.TOKEN}[kind]


def test_a_provider_that_is_away_pauses_nothing(team: Team, resend: Provider) -> None:
    row = connections.save_token(team.fresh_admin, Kind.RESEND, SecretStr(_token_of(Kind.RESEND)))
    resend.post("/__faults__", [{"path": "/domains", "kind": "status", "status": 503}])
    with named(resend, "RESEND_API_URL"):
        (step,) = connection_tests.try_channel(team.fresh_admin, str(row.pk))

    assert not step.worked
    assert state_of(row)[0] == FAILING


def test_an_mcp_server_says_which_tools_there_are(team: Team, tickets: Provider) -> None:
    row = connections.add_server(
        team.fresh_admin,
        wish(url=f"{tickets.url}/mcp", header="X-Api-Key", secret="mcp-fake-token"),
    )
    (step,) = connection_tests.try_channel(team.fresh_admin, str(row.pk))
    assert step.worked, step
    row.refresh_from_db()
    found = channels.settings_of(row, McpSettings)
    assert {tool.name for tool in found.tools} >= {"open_ticket", "fail"}
    connections.allow(team.fresh_admin, str(row.pk), ["open_ticket", "fail"])

    tickets.post("/__change__")
    connection_tests.try_channel(team.fresh_admin, str(row.pk))

    row.refresh_from_db()
    again = channels.settings_of(row, McpSettings)
    assert again.allowed("fail") is not None
    assert again.allowed("open_ticket") is None


def test_an_mcp_server_that_refuses_the_secret_pauses_the_channel(
    team: Team, tickets: Provider
) -> None:
    row = connections.add_server(
        team.fresh_admin, wish(url=f"{tickets.url}/mcp", header="X-Api-Key", secret=CANARY)
    )
    (step,) = connection_tests.try_channel(team.fresh_admin, str(row.pk))

    assert (step.worked, step.sentence) == (False, "The server rejected the secret.")
    assert state_of(row)[0] == PAUSED


def test_an_mcp_server_inside_the_network_is_not_contacted(team: Team) -> None:
    row = connections.add_server(team.fresh_admin, wish(url="https://10.0.0.1/mcp"))

    (step,) = connection_tests.try_channel(team.fresh_admin, str(row.pk))

    assert "not on the public internet" in step.sentence
    assert state_of(row)[0] == FAILING


def test_a_demo_leaves_no_machine_by_an_mcp_server(team: Team) -> None:
    row = server(team)
    with override_settings(DEMO=True):
        (step,) = connection_tests.try_channel(team.fresh_admin, str(row.pk))

    assert step.sentence == "This is the demo: nothing leaves this machine."


def test_trying_is_for_admins(team: Team) -> None:
    row = server(team)

    with pytest.raises(AppError) as refusal:
        connection_tests.try_channel(factories.person(team.mia), str(row.pk))
    assert refusal.value.code == "forbidden"
