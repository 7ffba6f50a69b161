"""tools/list: prebuilt bytes that are the same as what the SDK would build."""

from typing import Any

import pytest

from core.access import Role, Scope
from pathbound_mcp.protocol import sdk
from tests.protocol import samples
from tests.protocol.clients import MODERN, READ_SCOPES, VERSIONS, Connect

pytestmark = pytest.mark.django_db


def _listed(connect: Connect, version: str = MODERN, **actor: Any) -> Any:
    return connect(version, **actor).request("tools/list").json()["result"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_second_list_is_the_first_to_the_byte(connect: Connect, version: str) -> None:
    sdk._kept_lists.clear()
    client = connect(version)
    first = client.request("tools/list").content
    assert client.request("tools/list").content == first
    assert len(sdk._kept_lists) == 1


def test_two_rights_never_share_a_list(connect: Connect) -> None:
    for _ in range(2):
        narrow = _listed(connect, scopes=frozenset({Scope.EVENTS_READ}))
        wide = _listed(connect, scopes=READ_SCOPES, role=Role.ADMIN)
        assert [tool["name"] for tool in narrow["tools"]] == [samples.EVENTS]
        assert samples.EVENTS not in {tool["name"] for tool in wide["tools"]}


def test_kept_lists_do_not_grow_without_end(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk._kept_lists.clear()
    monkeypatch.setattr(sdk, "_MAX_KEPT_LISTS", 2)
    for version in VERSIONS:
        _listed(connect, version)
    assert len(sdk._kept_lists) == 2


def test_the_order_is_the_public_one(connect: Connect) -> None:
    names = [tool["name"] for tool in _listed(connect, role=Role.ADMIN)["tools"]]
    assert names == [
        samples.ECHO,
        samples.CRASH,
        samples.CHANGE,
        samples.ADMIN,
        samples.START,
        samples.SEE,
        samples.DECIDE,
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gets_schemas_title_and_all_four_hints(
    connect: Connect, version: str
) -> None:
    tools = {tool["name"]: tool for tool in _listed(connect, version)["tools"]}
    change = tools[samples.CHANGE]
    assert change["title"] == "Update contact"
    assert change["inputSchema"]["additionalProperties"] is False
    assert change["outputSchema"]["type"] == "object"
    assert change["annotations"] == {
        "readOnlyHint": False,
        "destructiveHint": True,
        "idempotentHint": True,
        "openWorldHint": False,
    }


def test_only_the_modern_version_is_told_how_long_to_keep_it(connect: Connect) -> None:
    modern, legacy = _listed(connect), _listed(connect, "2025-11-25")
    assert (modern["cacheScope"], modern["ttlMs"]) == ("private", sdk.LIST_TTL_MS)
    assert not {"cacheScope", "ttlMs", "resultType"} & legacy.keys()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cursor_nobody_gave_is_refused(connect: Connect, version: str) -> None:
    response = connect(version).request("tools/list", {"cursor": "abc"})
    assert response.json()["error"]["code"] == -32602
