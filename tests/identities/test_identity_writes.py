"""Senders are made, changed, removed and restored by admins, and read by all."""

from typing import Any

import pytest

from core import operations
from core.access import Scope
from core.actor import Actor
from core.errors import AppError, NotFound
from core.models import AuditEntry
from identities import send_counters
from identities.channels import sealed
from identities.models import Channel, Identity, Kind, Mailbox
from identities.schemas.mailboxes import LimitSettings
from identities.services import sending_limits
from tests import factories
from tests.identities.providers import CANARY
from tests.team import Team


def submit(actor: Actor, verb: str, **data: Any) -> dict[str, Any]:
    return operations.submit(actor, operations.get(f"identities.identity.{verb}"), data)


def refused(actor: Actor, verb: str, **data: Any) -> AppError:
    with pytest.raises(AppError) as refusal:
        submit(actor, verb, **data)
    return refusal.value


def test_a_sender_is_made_with_a_name_role_and_signature(team: Team) -> None:
    made = submit(team.admin, "create", firstName=" Bo ", lastName="Ek", role="Sales")

    found = made["result"]["identity"]
    assert (made["status"], found["name"], found["jobTitle"]) == ("executed", "Bo Ek", "Sales")
    assert (found["signature"], found["role"], found["channels"]) == ("Bo Ek", "Sales", [])
    assert AuditEntry.objects.filter(verb="identities.identity.create").count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "firstName"),
        ({"firstName": ""}, "firstName"),
        ({"firstName": "   "}, "firstName"),
        ({"firstName": None}, "firstName"),
        ({"firstName": "x" * 121}, "firstName"),
        ({"firstName": "Bo\u202e"}, "firstName"),
        ({"firstName": "Bo\r\nBcc: x@y.example"}, "firstName"),
        ({"firstName": "Bo", "role": "Sales", "jobTitle": "CEO"}, "role"),
        ({"firstName": "Bo", "password": "hush"}, "password"),
        ({"first_name": "Bo", "firstName": "Bo"}, "first_name"),
    ],
)
def test_what_is_no_sender_is_refused(team: Team, given: dict[str, Any], field: str) -> None:
    error = refused(team.admin, "create", **given)

    assert (error.code, error.field) == ("validation_failed", field)
    assert Identity.objects.count() == 1


def test_a_change_moves_the_version_and_leaves_the_rest(team: Team) -> None:
    before = Identity.objects.get(pk=team.sender.pk)
    answer = submit(team.admin, "update", identity_id=str(before.pk), jobTitle="Head")
    again = submit(team.admin, "update", identity_id=str(before.pk), role="Head")

    after = Identity.objects.get(pk=before.pk)
    assert (after.job_title, after.last_name) == ("Head", "Moss")
    assert after.version == before.version + 1
    assert (answer["previous"], again["previous"]) == ({"job_title": ""}, {})
    cleared = submit(team.admin, "update", identity_id=str(before.pk), lastName=None)
    assert "lastName" not in cleared["result"]["identity"]
    error = refused(team.admin, "update", identity_id=str(before.pk), firstName=None)
    assert error.field == "firstName"


def test_a_removed_sender_is_gone_until_it_is_restored(team: Team) -> None:
    wanted, admin = str(team.sender.pk), team.admin

    submit(admin, "delete", identity_id=wanted)
    for verb in ("get", "update", "delete"):
        assert refused(admin, verb, identity_id=wanted).code == "not_found"
    assert submit(admin, "list")["total"] == 0

    submit(admin, "restore", identity_id=wanted)
    assert submit(admin, "get", identity_id=wanted)["identity"]["name"] == "Mia Moss"


@pytest.mark.parametrize("verb", ["create", "update", "delete", "restore"])
def test_only_an_admin_with_the_scope_writes(team: Team, verb: str) -> None:
    given = {"firstName": "Bo"} if verb == "create" else {"identity_id": str(team.sender.pk)}
    before = list(Identity.objects.values())

    for actor in (team.reviewer, team.member, factories.app(team.rex)):
        assert refused(actor, verb, **given).code in {"forbidden", "insufficient_scope"}
    without = factories.app(team.alice, frozenset(Scope) - {Scope.IDENTITIES_WRITE})
    assert refused(without, verb, **given).code == "insufficient_scope"
    assert list(Identity.objects.values()) == before
    submit(factories.app(team.alice, frozenset({Scope.IDENTITIES_WRITE})), verb, **given)


@pytest.mark.parametrize("verb", ["get", "update", "delete", "restore"])
def test_a_sender_of_another_workspace_is_missing(team: Team, verb: str) -> None:
    foreign = refused(team.foreign_admin, verb, identity_id=str(team.sender.pk))
    unknown = refused(team.foreign_admin, verb, identity_id="id_01jd0000000000000000000000")

    assert isinstance(foreign, NotFound)
    assert foreign.as_dict() == unknown.as_dict()
    submit(team.admin, verb, identity_id=str(team.sender.pk))


def connected(team: Team) -> None:
    """The sender with every channel, each with a secret."""
    facts = {"workspace": team.place, "created_at": team.place.created_at}
    box = Mailbox(
        identity=team.sender, address="mia@acme.example", smtp_host="s", smtp_port=465, **facts
    )
    box.smtp_password = sealed(box, CANARY)
    box.save()
    for kind in (Kind.LINKEDIN, Kind.RESEND):
        row = Channel(kind=kind, identity=team.sender if kind is Kind.LINKEDIN else None, **facts)
        row.secret = sealed(row, CANARY)
        row.state, row.state_sentence = "paused", "Resend rejected the key."
        row.save()
    sending_limits.set_resend_address(
        team.fresh_admin, str(team.sender.pk), "mia@mail.acme.example"
    )


def test_a_sender_shows_its_channels_limits_and_numbers_but_no_secret(team: Team) -> None:
    connected(team)
    send_counters.count_one(team.sender, "email_message")
    send_counters.count_one(team.sender, "email_message")

    found = submit(team.viewer, "get", identity_id=str(team.sender.pk))["identity"]

    assert [(row["channel"], row["state"]) for row in found["channels"]] == [
        ("email", "unchecked"),
        ("linkedin", "paused"),
        ("resend", "paused"),
    ]
    assert found["channels"][2]["detail"] == "Resend rejected the key."
    assert found["daily_limits"][0] == {
        "type": "email_message",
        "daily_limit": 50,
        "sent_today": 2,
    }
    assert found["quiet_hours"] == {"weekends": False, "time_zone": "UTC"}
    everything = f"{found} {submit(team.viewer, 'list')}"
    assert CANARY not in everything
    assert Mailbox.objects.get().smtp_password not in everything


@pytest.mark.parametrize(("channel", "number"), [("email", 1), ("linkedin", 1), ("resend", 1)])
def test_senders_are_filtered_by_channel(team: Team, channel: str, number: int) -> None:
    connected(team)
    Identity.objects.create(workspace=team.place, first_name="Bo", created_at=team.place.created_at)

    assert submit(team.admin, "list", channel=channel)["total"] == number
    assert submit(team.admin, "list")["total"] == 2
    assert refused(team.admin, "list", channel="fax").field == "channel"


def test_limits_are_set_by_admins_of_the_workspace(team: Team) -> None:
    wish = LimitSettings(
        email_daily_limit=5,
        linkedin_daily_limit=1,
        quiet_from="20:00",  # type: ignore[arg-type]
        quiet_until="07:00",  # type: ignore[arg-type]
        quiet_weekends=True,
    )
    wanted = str(team.sender.pk)
    for actor, code in (
        (factories.person(team.mia), "forbidden"),
        (team.foreign_admin, "not_found"),
    ):
        with pytest.raises(AppError) as refusal:
            sending_limits.set_limits(actor, wanted, wish)
        assert refusal.value.code == code

    sending_limits.set_limits(team.admin, wanted, wish)

    found = submit(team.admin, "get", identity_id=wanted)["identity"]
    assert found["daily_limits"][0]["daily_limit"] == 5
    assert found["quiet_hours"]["from"] == "20:00"
    assert found["quiet_hours"]["until"] == "07:00"
