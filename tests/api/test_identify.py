"""POST /v1/identify: the contact that the ids match, what is assigned to it, what is refused."""

from typing import Any

import pytest

from approvals.models import Action
from core import clock
from crm.models import Contact, Event, ExternalId, Visitor
from tests import factories
from tests.api.conftest import Calling
from tests.team import Team, approve

ANA = "ana@umbrella.example"


def visit(team: Team, visitor_id: str, contact: Contact | None = None) -> Event:
    """A page view of a browser."""
    moment = clock.now()
    return Event.objects.create(
        workspace=team.place,
        contact=contact,
        visitor_id=visitor_id,
        event="page_view",
        timestamp=moment,
        source="test",
        created_at=moment,
    )


def claim(team: Team, visitor_id: str, contact: Contact) -> None:
    """A browser claimed to be this contact's, without proof."""
    Visitor.objects.create(
        workspace=team.place, contact=contact, visitor_id=visitor_id, created_at=clock.now()
    )


def test_a_known_address_is_given_its_history_and_its_outside_id(
    team: Team, calling: Calling
) -> None:
    seen = visit(team, "v_1")
    elsewhere = visit(team, "v_2")

    answer = calling(team.rex)(
        "post",
        "/identify",
        {
            "external_id": "u-1",
            "anonymous_id": "v_1",
            "traits": {"email": "ANA@umbrella.example", "jobtitle": "CTO"},
        },
    )

    body = answer.json()
    assert (answer.status_code, body["outcome"]) == (200, "executed")
    assert body["contact"]["contact_id"] == team.ana.pk
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == "CTO"
    assert Event.objects.get(pk=seen.pk).contact_id == team.ana.pk
    assert Event.objects.get(pk=elsewhere.pk).contact_id is None
    assert Visitor.objects.get().confirmed
    assert ExternalId.objects.get().contact_id == team.ana.pk


def test_somebody_new_is_made_with_history(team: Team, calling: Calling) -> None:
    seen = visit(team, "v_1")
    body = {"external_id": "u-1", "anonymous_id": "v_1", "traits": {"email": "new@initech.example"}}

    answer = calling(team.rex)("post", "/identify", body)

    made = Contact.objects.get(email="new@initech.example")
    assert answer.json()["contact"]["_id"] == made.pk
    assert Event.objects.get(pk=seen.pk).contact_id == made.pk
    assert ExternalId.objects.get().contact_id == made.pk
    assert Action.objects.get().contact_id == made.pk


@pytest.mark.parametrize("by", [{"external_id": "u-1"}, {"anonymous_id": "v_1"}])
def test_later_one_id_is_enough_and_the_same_again_changes_nothing(
    team: Team, calling: Calling, by: dict[str, str]
) -> None:
    caller = calling(team.rex)
    first = {"external_id": "u-1", "anonymous_id": "v_1", "traits": {"email": ANA}}
    caller("post", "/identify", first)

    assert caller("post", "/identify", first).json()["outcome"] == "noop"
    answer = caller("post", "/identify", by | {"traits": {"city": "Bern"}})

    assert answer.json()["outcome"] == "executed"
    assert Contact.objects.get(pk=team.ana.pk).city == "Bern"


def test_what_a_server_says_moves_a_browser_that_was_only_claimed(
    team: Team, calling: Calling
) -> None:
    other = factories.contact(team.place, "eve@umbrella.example")
    claim(team, "v_1", other)
    seen = visit(team, "v_1", other)

    calling(team.rex)("post", "/identify", {"anonymous_id": "v_1", "traits": {"email": ANA}})

    tied = Visitor.objects.get()
    assert (tied.contact_id, tied.confirmed) == (team.ana.pk, True)
    assert Event.objects.get(pk=seen.pk).contact_id == team.ana.pk


def test_a_confirmed_browser_and_an_outside_id_stay_whose_they_are(
    team: Team, calling: Calling
) -> None:
    factories.contact(team.place, "eve@umbrella.example")
    caller = calling(team.rex)
    both = {"external_id": "u-1", "anonymous_id": "v_1"}
    caller("post", "/identify", both | {"traits": {"email": ANA}})

    for name, value in both.items():
        body = {name: value, "traits": {"email": "eve@umbrella.example"}}
        answer = caller("post", "/identify", body)
        assert answer.status_code == 409
        assert answer.json()["contact_id"] == team.ana.pk
        assert answer.json()["details"][0]["field"] == name

    assert Contact.objects.get(pk=team.ana.pk).email == ANA
    assert Visitor.objects.get().contact_id == team.ana.pk


def test_a_deleted_contact_s_ids_are_free_again(team: Team, calling: Calling) -> None:
    eve = factories.contact(team.place, "eve@umbrella.example")
    caller = calling(team.rex)
    both = {"external_id": "u-1", "anonymous_id": "v_1"}
    caller("post", "/identify", both | {"traits": {"email": ANA}})
    Contact.objects.filter(pk=team.ana.pk).update(deleted_at=clock.now())

    answer = caller("post", "/identify", both | {"traits": {"email": "eve@umbrella.example"}})

    assert answer.json()["outcome"] == "executed"
    assert ExternalId.objects.get().contact_id == Visitor.objects.get().contact_id == eve.pk


def test_it_can_be_undone_and_a_member_s_waits(team: Team, calling: Calling) -> None:
    seen = visit(team, "v_1")
    body = {
        "external_id": "u-1",
        "anonymous_id": "v_1",
        "traits": {"email": ANA, "jobtitle": "CTO"},
    }

    waiting = calling(team.mia)("post", "/identify", body)
    assert waiting.status_code == 202
    assert not ExternalId.objects.exists()
    action_id = waiting.json()["action_id"]
    approve(factories.person(team.rex), action_id)
    assert Event.objects.get(pk=seen.pk).contact_id == team.ana.pk

    undone = calling(team.alice)("post", f"/actions/{action_id}/undo")
    assert undone.status_code == 200, undone.json()
    assert not ExternalId.objects.exists()
    assert not Visitor.objects.exists()
    assert Event.objects.get(pk=seen.pk).contact_id is None
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""


def test_consent_is_red_and_another_workspace_s_ids_are_nobody_s(
    team: Team, calling: Calling
) -> None:
    foreign = factories.workspace("Initech")
    bob = factories.contact(foreign, "b@initech.example")
    ExternalId.objects.create(
        workspace=foreign,
        contact=bob,
        system="api",
        external_id="u-9",
        created_at=clock.now(),
    )
    caller = calling(team.rex)

    unknown = caller("post", "/identify", {"external_id": "u-9", "traits": {"city": "Bern"}})
    missing = caller("post", "/identify", {"external_id": "u-8", "traits": {"city": "Bern"}})
    same = [{k: v for k, v in a.json().items() if k not in MASKED} for a in (unknown, missing)]
    assert same[0] == same[1]
    assert unknown.status_code == 400

    caller("post", "/identify", {"traits": {"email": ANA, "email_consent": True}})
    assert Action.objects.get().red_reasons == ["sets E-mail consent"]


MASKED = {"timestamp", "request_id"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ({"traits": {"city": "Bern"}}, None),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "u" * 256}, "external_id"),
        ({"anonymous_id": "v_1"}, "traits.email"),
        ({"traits": {"email": "nonsense"}}, "traits.email"),
        ({"traits": {"email": None}}, None),
        ({"external_id": "u", "traits": {"email": None}}, "traits.email"),
        ({"traits": {"email": ANA, "City": "Bern"}}, "traits.City"),
        ({"traits": {"email": ANA, "lifecyclestage": "ledd"}}, "traits.lifecyclestage"),
        ({"traits": [ANA]}, "traits"),
        ({"user_id": "u-1", "traits": {"email": ANA}}, "user_id"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    team: Team, calling: Calling, body: Any, field: str | None
) -> None:
    answer = calling(team.rex)("post", "/identify", body)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["details"]] == ([field] if field else [])
    assert not Action.objects.exists()
    assert not ExternalId.objects.exists()
