"""HubSpot: pushed once, and pulled changes wait for approval."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from approvals.models import Action
from approvals.sending.loop import run_once
from core.errors import NotFound, ValidationFailed
from crm.models import Contact
from tests import factories
from tests.approvals.conftest import Team, approve
from tests.approvals.fake_providers import PUSH, again, approved, draft, due_now, provider
from tests.fakes import Provider


@pytest.fixture
def hubspot(team: Team, settings: Any, tmp_path: Path) -> Iterator[Provider]:
    with provider(PUSH, team, settings, tmp_path) as started:
        yield started


def test_a_contact_is_upserted_with_its_filled_values(team: Team, hubspot: Provider) -> None:
    Contact.objects.filter(pk=team.ana.pk).update(jobtitle="CTO")
    approved(PUSH, team)
    run_once("w")

    (line,) = hubspot.lines()
    (given,) = json.loads(line["body"])["inputs"]
    assert given["id"] == "ana@umbrella.example"
    assert given["properties"] == {"firstname": "Ana", "lastname": "Ng", "jobtitle": "CTO"}


def test_it_is_always_red(team: Team, hubspot: Provider) -> None:
    answer = draft(PUSH, team)

    assert Action.objects.get(pk=answer["action_id"]).red_reasons == [
        "reads or writes another system"
    ]


def test_what_changed_here_since_the_approval_stops_it(team: Team, hubspot: Provider) -> None:
    action = approved(PUSH, team)
    Contact.objects.filter(pk=team.ana.pk).update(jobtitle="CTO")

    run_once("w")

    assert again(action).status_detail == "drifted"
    assert hubspot.lines() == []


def test_a_company_is_updated_where_it_is_there_and_made_where_not(
    team: Team, hubspot: Provider
) -> None:
    there = factories.company(team.place, "Umbrella", country="France")
    new = factories.company(team.place, "Initech")
    for company in (there, new):
        approved(PUSH, team, entity_type="company", entity_id=str(company.pk))
        run_once("w")

    effects = [next(iter(effect)) for effect in hubspot.effects()]
    assert effects == ["updated", "created"]


def test_a_company_made_in_a_try_nobody_heard_of_is_found_by_the_next(
    team: Team, hubspot: Provider
) -> None:
    new = factories.company(team.place, "Initech")
    hubspot.fault("/crm/v3/objects/companies$", "cut")
    action = approved(PUSH, team, entity_type="company", entity_id=str(new.pk))

    run_once("w")
    due_now(action)
    run_once("w")

    assert again(action).status == "completed"
    effects = [next(iter(effect)) for effect in hubspot.effects()]
    assert effects == ["created", "updated"]


def test_what_is_pulled_waits_as_a_change(team: Team, hubspot: Provider) -> None:
    action = approved(PUSH, team, direction="pull")
    run_once("w")

    assert again(action).status == "completed"
    change = Action.objects.get(type="update_contact")
    assert (change.status, change.requester_name) == ("pending_approval", "HubSpot sync")
    assert change.params["properties"] == {"jobtitle": "Head of Data", "city": "Lyon"}
    assert str(change.pk) in (again(action).receipt or {})["sentence"]
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""

    approve(team.reviewer, str(change.pk))
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == "Head of Data"


def test_pulling_what_is_the_same_changes_nothing(team: Team, hubspot: Provider) -> None:
    Contact.objects.filter(pk=team.ana.pk).update(jobtitle="Head of Data", city="Lyon")
    action = approved(PUSH, team, direction="pull")

    run_once("w")

    assert again(action).status == "completed"
    assert not Action.objects.filter(type="update_contact").exists()


def test_pulling_somebody_hubspot_does_not_know_fails(team: Team, hubspot: Provider) -> None:
    bob = factories.contact(team.place, "bob@umbrella.example")
    action = approved(PUSH, team, direction="pull", entity_id=str(bob.pk))

    run_once("w")

    assert (again(action).receipt or {})["code"] == "not_found"


def test_reading_that_breaks_is_never_unknown(team: Team, hubspot: Provider) -> None:
    hubspot.fault("/crm/v3/objects/contacts/", "cut")
    action = approved(PUSH, team, direction="pull")

    run_once("w")
    assert again(action).tries.get().outcome == "not_sent"
    due_now(action)
    run_once("w")

    assert again(action).status == "completed"


def test_bad_params_are_refused(team: Team, hubspot: Provider) -> None:
    foreign = factories.contact(factories.workspace("Globex"), "gus@globex.example")
    for entity_id in (str(foreign.pk), "ct_nonsense"):
        with pytest.raises(NotFound):
            draft(PUSH, team, entity_id=entity_id)
    wrongs: list[dict[str, Any]] = [{"direction": "both"}, {"entity_type": "deal"}]
    for wrong in [*wrongs, {"entity_type": None}]:
        with pytest.raises(ValidationFailed):
            draft(PUSH, team, **wrong)
