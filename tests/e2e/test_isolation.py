"""Gil of Globex finds no data of Acme with any tool, route or page."""

import re
from typing import Any

import pytest

from tests.e2e.acme import Acme
from tests.e2e.assistant import Assistant
from tests.e2e.drafting import draft, logged_in

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installation")]

CANARIES = ("umbrella.example", "initech.example", "Ana Ng", "Bob Berg", "mia.moss@acme", "Offer")


@pytest.fixture
def action_id(acme: Acme) -> str:
    """A draft that waits in Acme."""
    answer: str = draft(acme, acme.assistant("mia"), "ana")["action_id"]
    return answer


@pytest.fixture
def gil(acme: Acme) -> Assistant:
    """The app of Globex's admin, with every box ticked."""
    boxes = ("actions:approve", "actions:execute")
    return acme.assistant("gil", place="globex", tick=boxes)


def probes(acme: Acme, action_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(tool, the id-like parameter, arguments with Acme's id in it)."""
    ana, sender = acme.seeded["ana"], acme.seeded["sender"]
    return [
        ("get_contact", "contact_id", {"contact_id": ana}),
        ("update_contact", "contact_id", {"contact_id": ana, "properties": {"city": "X"}}),
        ("list_contact_notes", "contact_id", {"contact_id": ana}),
        ("create_contact_note", "contact_id", {"contact_id": ana, "content": "x"}),
        ("get_action", "action_id", {"action_id": action_id}),
        ("approve_action", "action_id", {"action_id": action_id, "fingerprint": "0" * 32}),
        ("reject_action", "action_id", {"action_id": action_id}),
        (
            "create_action",
            "identity_id",
            {
                "type": "email_message",
                "identity_id": sender,
                "params": {"to": "x@hooli.example", "subject": "x", "body": "x"},
            },
        ),
    ]


def test_a_foreign_id_and_a_made_up_one_are_the_same_answer(
    acme: Acme, gil: Assistant, action_id: str
) -> None:
    for tool, name, arguments in probes(acme, action_id):
        foreign = gil.refused(tool, **arguments)
        prefix = str(arguments[name]).split("_")[0]
        made_up = gil.refused(tool, **arguments | {name: f"{prefix}_01jd0000000000000000000000"})
        malformed = gil.refused(tool, **arguments | {name: "nothing"})

        assert foreign == made_up == malformed, tool
        assert foreign["code"] == "not_found", tool


def test_lists_hold_ones_own_rows_and_nobody_elses(
    acme: Acme, gil: Assistant, action_id: str
) -> None:
    mia = acme.assistant("mia")
    lists: list[tuple[str, dict[str, Any], str]] = [
        ("list_contacts", {"limit": 100}, "contacts"),
        ("list_identities", {}, "identities"),
        ("list_actions", {"limit": 100}, "actions"),
        ("review_pending_actions", {"limit": 50}, "groups"),
    ]
    for tool, arguments, key in lists:
        theirs, ours = gil.call(tool, **arguments), mia.call(tool, **arguments)

        assert not any(canary in str(theirs) for canary in CANARIES), tool
        assert any(canary in str(ours[key]) for canary in CANARIES), f"{tool}: no control"
    assert [c["contact_id"] for c in gil.call("list_contacts")["contacts"]] == [acme.seeded["gina"]]


def test_filters_by_foreign_ids_find_nothing(acme: Acme, gil: Assistant) -> None:
    ana, sender = acme.seeded["ana"], acme.seeded["sender"]

    assert gil.call("list_actions", contact_id=ana)["actions"] == []
    assert gil.call("list_actions", identity_id=sender)["actions"] == []
    assert gil.call("review_pending_actions", contact_id=ana)["groups"] == []
    assert gil.call("list_contacts", search="umbrella")["contacts"] == []


def test_pages_show_nothing_foreign(acme: Acme, action_id: str) -> None:
    pages = [
        "/approvals/",
        f"/approvals/?item={action_id}",
        "/approvals/?q=ana",
        f"/approvals/{action_id}/",
        "/settings/members/",
        "/settings/connections/",
    ]
    for name, place, sees in (("gil", "globex", False), ("alice", "acme", True)):
        person = acme.person(name, place)
        logged_in(person, "/approvals/")
        seen = "".join(person.http.get(path).text for path in pages)

        assert any(canary in seen for canary in CANARIES) is sees, name
        assert ("rex@acme.example" in seen) is sees, name


def masked(page: str) -> str:
    """A page without its CSRF tokens, which differ each time."""
    return re.sub(r"[0-9A-Za-z]{64}", "token", page)


def test_a_foreign_card_and_a_missing_one_are_the_same_page(acme: Acme, action_id: str) -> None:
    person = acme.person("gil", "globex")
    logged_in(person, "/approvals/")
    foreign = person.http.get(f"/approvals/{action_id}/")
    missing = person.http.get("/approvals/act_01jd0000000000000000000000/")

    assert foreign.status_code == missing.status_code == 404
    assert masked(foreign.text) == masked(missing.text)
