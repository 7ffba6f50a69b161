"""No read asks the database more often because there is more to read."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Proposed, Target
from approvals.models import Action
from core import clock, operations
from core.access import Role
from core.ids import new_id
from core.operations import Operation, Request
from crm.models import Company, Contact, Event, Note, Segment, SegmentMember
from tests import factories
from tests.core.rows import OUR_APPS
from tests.crm.team import Team

# Other tests declare samples of their own.
OURS = [op for op in operations.all_operations() if op.name.split(".")[0] in OUR_APPS]
READS = [op for op in OURS if op.read_only]
FEW, MANY = 1, 30  # more than a page of cards
# A card is drafted again from the database before it is shown (docs/decisions/0002): this many
# queries for each of at most 20 cards, however many wait.
A_CARD, CARDS = {"approvals.action.review": 6}, 20
# How to ask where the names of the arguments do not say it.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "crm.aggregate": {"entity": "events", "group_by": ["event"]},
    "crm.segment.preview": {"filter": {"field": "email", "op": "is_set"}},
}
# What else is asked of a list: other ways through the same code.
ALSO: dict[str, list[dict[str, Any]]] = {
    "crm.contact.list": [{"fields": "summary", "limit": 100}, {"search": "person"}],
    "crm.company.list": [{"fields": "summary", "limit": 100}, {"search": "firm"}],
    "crm.event.list": [{"fields": "summary", "limit": 100}, {"identified_only": True}],
    "approvals.action.list": [{"fields": "summary", "limit": 100}],
    "agents.agent.list": [{"limit": 100}],
    "agents.run.get": [{"mode": "full"}],
    "crm.aggregate": [
        {"entity": "contacts", "group_by": ["company"]},
        {"entity": "events", "group_by": ["contact", "path"], "limit": 200},
    ],
}


def filled(place: Any, number: int) -> dict[str, Any]:
    """Creates `number` rows of each kind; returns the values of arguments by name."""
    moment = clock.now()
    common = {"workspace": place, "created_at": moment, "updated_at": moment}
    firms = Company.objects.bulk_create(
        Company(domain=f"firm{n}.example", name=f"Firm {n}", search_text=f" firm{n}", **common)
        for n in range(number)
    )
    people = Contact.objects.bulk_create(
        Contact(
            email=f"person{n}@firm.example",
            company=firms[0],
            search_text=f" person{n}",
            creation_source="test",
            **common,
        )
        for n in range(number)
    )
    holders: list[dict[str, Any]] = [{"contact": people[0]}, {"company": firms[0]}]
    for holder in holders:
        Note.objects.bulk_create(
            Note(content="Met.", source="person", **holder, **common) for _ in range(number)
        )
    Event.objects.bulk_create(
        Event(
            workspace=place,
            contact=person,
            company=firms[0],
            event="page_view",
            timestamp=moment - timedelta(minutes=5),
            source="test",
            created_at=moment,
        )
        for person in [*people, *people[:1] * number]
    )
    segment = Segment.objects.create(name="All", filter={}, stale=False, as_of=moment, **common)
    SegmentMember.objects.bulk_create(
        SegmentMember(workspace=place, segment=segment, contact=person) for person in people
    )
    return {
        "segment_id": str(segment.pk),
        "contact_id": str(people[0].pk),
        "company_id": str(firms[0].pk),
        "event_id": str(Event.objects.filter(contact=people[0])[0].pk),
        "contact_ids": [str(person.pk) for person in people[:25]],
        "ids": [str(person.pk) for person in people[:25]],
        "entity_type": "contacts",
    }


def parked(team: Team, known: dict[str, Any], number: int) -> str:
    """Creates waiting changes of the first contact."""
    change = {"contact_id": known["contact_id"], "properties": {"city": "Pune"}}
    op = operations.get("crm.contact.update")
    answer = operations.submit(team.claude, op, change, Request(require_approval=True))
    first = Action.objects.get(pk=answer["action_id"])
    copies = []
    for _ in range(number - 1):
        copy = Action.objects.get(pk=first.pk)
        copy.pk = new_id("act")
        copies.append(copy)
    Action.objects.bulk_create(copies)
    return str(first.pk)


def worked(team: Team, known: dict[str, Any], number: int) -> dict[str, str]:
    """Creates `number` agents, runs of the last agent and contacts in its last run."""
    agents = [factories.agent(team.place, team.rex, f"Agent {n}") for n in range(number)]
    ended = {"status": "completed", "finished_at": clock.now()}
    runs = [factories.run(agents[-1], **ended) for _ in range(number)]
    people = Contact.objects.filter(workspace=team.place)[:number]
    for position, person in enumerate(people):
        target = Target.objects.create(
            workspace=team.place, run=runs[-1], contact=person, position=position, state="done"
        )
        Proposed.objects.create(
            workspace=team.place,
            target=target,
            intent="write",
            position=0,
            type="update_contact",
            verdict="queued",
            action_id=known["action_id"],
            created_at=clock.now(),
        )
    return {"agent_id": str(agents[-1].pk), "run_id": str(runs[-1].pk)}


def counted(team: Team, op: Operation, data: dict[str, Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        operations.submit(team.admin, op, data)
    return len(asked)


def arguments(op: Operation, known: dict[str, Any]) -> dict[str, Any]:
    """The operation's arguments, from the values by name."""
    if op.name in ARGUMENTS:
        return ARGUMENTS[op.name]
    needed = [name for name, field in op.schema.model_fields.items() if field.is_required()]
    missing = [name for name in needed if name not in known]
    assert not missing, f"say in ARGUMENTS or filled() what {op.name} takes for {missing}"
    return {name: known[name] for name in needed}


def staffed(name: str) -> Team:
    place = factories.workspace(name)
    people = [
        factories.member(place, who, role)
        for who, role in zip(("Alice", "Rex", "Mia", "Vic"), reversed(Role), strict=True)
    ]
    return Team(place, *people)


@pytest.fixture
def teams(db: None) -> dict[int, tuple[Team, dict[str, Any]]]:
    """Two workspaces, with little and with much in them, and the values of arguments there."""
    found = {}
    for size in (FEW, MANY):
        team = staffed(f"Has{size}")
        known = filled(team.place, size)
        sender = factories.sender(team.place, team.mia)
        known["identity_id"] = str(sender.pk)
        known["action_id"] = parked(team, known, size)
        known |= worked(team, known, size)
        known["job_id"] = str(factories.linkedin_login(team.admin, sender).job_id)
        found[size] = (team, known)
    return found


def test_many_rows_take_as_many_queries_as_one(
    teams: dict[int, tuple[Team, dict[str, Any]]],
) -> None:
    grown = {}
    for op in READS:
        few, many = (
            [
                counted(team, op, {**arguments(op, known), **more})
                for more in ({}, *ALSO.get(op.name, []))
            ]
            for team, known in teams.values()
        )
        most = [number + A_CARD.get(op.name, 0) * (CARDS - 1) for number in few]
        if any(number > bound for number, bound in zip(many, most, strict=True)):
            grown[op.name] = (few, many)

    assert grown == {}
