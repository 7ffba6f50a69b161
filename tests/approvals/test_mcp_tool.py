"""External MCP tools: allowed, pinned, called once; their answers are external text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from approvals.cards.build import card
from approvals.models import Action
from approvals.sending.loop import run_once
from core import clock, operations
from core.errors import ValidationFailed
from fakes.mcp_server import TOKEN
from identities import channels
from identities.channels import settings_of
from identities.models import Channel, Kind
from identities.providers.mcp import servers
from identities.providers.mcp.schemas import McpSettings
from tests.approvals.conftest import Team, approve
from tests.fakes import Provider, running
from tools import catalog

ALLOWED = {"open_ticket", "fail", "long_answer"}


@pytest.fixture
def mcp_site(team: Team, settings: Any, tmp_path: Path) -> Iterator[Provider]:
    """A server whose tools an admin read and allowed."""
    with running("mcp_server", tmp_path) as started:
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{started.port}"]
        settings.UNDO_WINDOW_SECONDS = 0
        channel = Channel(
            workspace=team.place, kind=Kind.MCP, name="mcp_site", created_at=clock.now()
        )
        channel.settings = {"url": f"{started.origin}/mcp", "header": "X-Api-Key"}
        channel.secret = channels.sealed(channel, TOKEN)
        offered = servers.offered(channel)
        channel.settings["tools"] = [
            {**tool.model_dump(), "is_allowed": tool.name in ALLOWED} for tool in offered
        ]
        channel.save(force_insert=True)
        yield started


def draft(team: Team, **params: Any) -> dict[str, Any]:
    given = {"server": "mcp_site", "tool": "open_ticket", "arguments": {"title": "Broken"}}
    op = operations.get("approvals.mcp_tool_call")
    return operations.submit(team.claude, op, {**given, **params})


def approved(team: Team, **params: Any) -> Action:
    action_id = draft(team, **params)["action_id"]
    approve(team.reviewer, action_id)
    return Action.objects.get(pk=action_id)


def now(action: Action) -> Action:
    return Action.objects.get(pk=action.pk)


def test_the_approved_arguments_arrive_and_the_answer_is_marked(
    team: Team, mcp_site: Provider
) -> None:
    action = approved(team)
    run_once("w")

    assert mcp_site.lines() == [{"tool": "open_ticket", "arguments": {"title": "Broken"}}]
    done = now(action)
    assert done.status == "completed"
    assert "T-1001" in (done.receipt or {})["external"]
    shown = card(team.reviewer, str(action.pk))
    assert shown.headline == "Call open_ticket at mcp_site"
    assert "T-1001" in shown.external
    assert "T-1001" not in shown.receipt
    told = catalog.all_tools()["get_action"].call(team.claude, {"action_id": str(action.pk)})
    assert "T-1001" not in str(told)


def test_it_is_always_red(team: Team, mcp_site: Provider) -> None:
    action = Action.objects.get(pk=draft(team)["action_id"])
    assert action.red_reasons == ["runs an external tool"]


def test_a_tool_that_is_described_otherwise_now_is_not_called(
    team: Team, mcp_site: Provider
) -> None:
    action = approved(team)
    httpx.post(f"{mcp_site.origin}/__change__")

    run_once("w")

    failed = now(action)
    assert (failed.status, (failed.receipt or {})["code"]) == ("failed", "pin")
    assert mcp_site.lines() == []


def test_an_admin_who_pins_anew_voids_what_was_approved(team: Team, mcp_site: Provider) -> None:
    action = approved(team)
    channel = Channel.objects.get()
    tools = settings_of(channel, McpSettings).tools
    changed = [{**tool.model_dump(), "pin": "0" * 64} for tool in tools]
    Channel.objects.update(settings={**channel.settings, "tools": changed})

    run_once("w")

    assert now(action).status_detail == "drifted"
    assert mcp_site.lines() == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"tool": "delete_everything"}, "tool"),
        ({"arguments": {"title": "x" * 20_000}}, None),
        ({"server": "elsewhere"}, None),
        ({"timeout": 3}, "timeout"),
    ],
)
def test_what_is_not_allowed_is_refused(
    team: Team, mcp_site: Provider, params: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        draft(team, **params)
    assert refusal.value.field == field


def test_our_own_server_is_never_called(team: Team, mcp_site: Provider, settings: Any) -> None:
    settings.PUBLIC_BASE_URL = mcp_site.origin
    with pytest.raises(ValidationFailed, match="our own server"):
        draft(team)


def test_a_refused_secret_pauses_the_server(team: Team, mcp_site: Provider) -> None:
    Channel.objects.update(secret=channels.sealed(Channel.objects.get(), "wrong"))
    action = approved(team)

    run_once("w")

    assert now(action).status_detail == "waiting_channel"
    assert Channel.objects.get().state == "paused"
    assert mcp_site.lines() == []


def test_a_server_at_another_address_is_another_server(team: Team, mcp_site: Provider) -> None:
    action = approved(team)
    channel = Channel.objects.get()
    Channel.objects.update(settings={**channel.settings, "url": "https://other.example/mcp"})

    run_once("w")

    assert now(action).status_detail == "drifted"
    assert mcp_site.lines() == []


def test_an_address_that_is_not_contacted_sends_nothing(
    team: Team, mcp_site: Provider, settings: Any
) -> None:
    action = approved(team)
    settings.OUTBOUND_PRIVATE_HOSTS = []

    run_once("w")

    assert now(action).status == "failed"
    assert mcp_site.lines() == []


def test_a_tool_that_fails_is_a_failure(team: Team, mcp_site: Provider) -> None:
    action = approved(team, tool="fail", arguments={"reason": "no"})

    run_once("w")

    failed = now(action)
    assert (failed.status, (failed.receipt or {})["code"]) == ("failed", "is_error")


def test_a_long_answer_is_cut(team: Team, mcp_site: Provider) -> None:
    action = approved(team, tool="long_answer", arguments={})

    run_once("w")

    assert len((now(action).receipt or {})["external"].encode()) == 16_384
