"""The largest records: 100,000 events of a contact, 10,000 contacts of a company, long texts."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from bench.team import END, Team
from crm.models import Company, Contact, Note

EVENTS, CONTACTS, NOTES = 100_000, 10_000, 1_000
_LONG = "https://bench.example/" + "x" * 1_900
Ask = Callable[[], object]


def plant(team: Team) -> None:
    """Make the first contact and its company as large as they may be, unless they are."""
    ana = Contact.objects.filter(workspace_id=team.workspace).order_by("pk")[0]
    if ana.properties.get("custom_0"):
        return
    many = {f"custom_{number}": "long " * 800 for number in range(200)}
    Contact.objects.filter(pk=ana.pk).update(properties=many)
    Company.objects.filter(pk=ana.company_id).update(properties=many)
    people = Contact.objects.order_by("-pk").values("pk")[:CONTACTS]
    Contact.objects.filter(pk__in=list(people.values_list("pk", flat=True))).update(
        company=ana.company_id, properties=many
    )
    team.add_events(_events(team, str(ana.pk)))
    for holder in ({"contact": ana}, {"company_id": ana.company_id}):
        Note.objects.bulk_create(
            Note(
                workspace_id=team.workspace,
                content="long " * 4_000,
                source="person",
                created_at=END,
                updated_at=END,
                **holder,
            )
            for _ in range(NOTES)
        )
    team.vacuum()


def questions(team: Team) -> list[tuple[str, Ask]]:
    """A question's name and the whole operation."""
    ana = Contact.objects.filter(workspace_id=team.workspace).order_by("pk")[0]
    contact, company = {"contact_id": str(ana.pk)}, {"company_id": str(ana.company_id)}
    everyone = [str(pk) for pk in Contact.objects.order_by("-pk").values_list("pk", flat=True)[:24]]
    named = {**contact, "contact_ids": [str(ana.pk), *everyone]}
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("get_contact", "crm.contact.get", contact),
        ("list_contact_notes", "crm.contact.note.list", contact),
        ("list_contact_notes, 100", "crm.contact.note.list", {**contact, "limit": 100}),
        ("get_company", "crm.company.get", company),
        ("list_company_notes", "crm.company.note.list", company),
        ("list_contacts of the company", "crm.contact.list", company),
        ("list_contacts of the company, 100", "crm.contact.list", {**company, "limit": 100}),
        ("list_companies, 100", "crm.company.list", {"limit": 100}),
        ("list_events of the contact", "crm.event.list", contact),
        ("list_events of the contact, 100", "crm.event.list", {**contact, "limit": 100}),
        ("list_events of the contact, last page", "crm.event.list", {**contact, "page": 5000}),
        ("get_event_stats of the contact", "crm.event.stats", contact),
        ("batch_get_activity", "crm.activity.batch", {"contact_ids": named["contact_ids"]}),
        (
            "aggregate: its paths",
            "crm.aggregate",
            {"entity": "events", "group_by": ["path"], "filters": contact},
        ),
    ]
    return [(name, team.ask(operation, **data)) for name, operation, data in asked]


def tokens_of(answer: object) -> int:
    """About how many tokens an answer takes: its characters by four."""
    return len(json.dumps(answer, ensure_ascii=False, separators=(",", ":"))) // 4


def _events(team: Team, contact: str) -> Iterator[tuple[Any, ...]]:
    owner = team.uuid(contact)
    for number in range(EVENTS):
        moment = END - timedelta(seconds=number * 60)
        yield team.event(moment, owner, url=_LONG, title="t" * 300, is_bot=False)
