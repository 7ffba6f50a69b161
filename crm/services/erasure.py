"""Erasing what was deleted 30 days ago (data-12): no text of it remains.

A contact's or company's row stays, empty, because the ledger points at it. Its events stay as
anonymous counts: without the person, the browser, and form inputs.
"""

from collections.abc import Callable

import structlog
from django.db.models import QuerySet

from core import clock
from core.db import unit
from core.hooks import Hook
from crm.models import (
    Company,
    Contact,
    Event,
    ExternalId,
    Message,
    Note,
    NoteVersion,
    SegmentMember,
    StageChange,
    Task,
    Thread,
    Visitor,
)
from crm.records import RESTORABLE

log = structlog.get_logger(__name__)
BATCH = 200
_EVENTS_BATCH = 1000
_STAYS = {"id", "workspace", "version", "created_at", "updated_at", "deleted_at"}

# Data of upper apps about a contact or company is erased first, in the same transaction.
ON_CONTACT_ERASURE = Hook[Callable[[Contact], None]]()
ON_COMPANY_ERASURE = Hook[Callable[[Company], None]]()


def erase_due() -> int:
    """Erase contacts, companies, notes and conversations whose 30 days are over.

    Returns the number of records; each contact or company has its own transaction, at most 200 of
    each kind per call.
    """
    until = clock.now() - RESTORABLE
    contacts = Contact.objects.filter(deleted_at__lte=until).exclude(email="")
    companies = Company.objects.filter(deleted_at__lte=until).exclude(domain="")
    erased = 0
    for contact in contacts.order_by("deleted_at")[:BATCH]:
        with unit():
            _erase_contact(contact)
        erased += 1
    for company in companies.order_by("deleted_at")[:BATCH]:
        with unit():
            _erase_company(company)
        erased += 1
    with unit():
        erased += _erase_notes(Note.objects.filter(deleted_at__lte=until))
        erased += _erase_threads(Thread.objects.filter(deleted_at__lte=until))
    if erased:
        log.info("crm.erased", count=erased)
    return erased


def _erase_contact(contact: Contact) -> None:
    for forget in ON_CONTACT_ERASURE:
        forget(contact)
    _forget_events(contact)
    _erase_notes(Note.objects.filter(contact=contact))
    _erase_threads(Thread.objects.filter(contact=contact))
    for about in (
        Visitor.objects.filter(contact=contact),
        ExternalId.objects.filter(contact=contact),
        StageChange.objects.filter(contact=contact),
        SegmentMember.objects.filter(contact=contact),
        Task.objects.filter(contact=contact),
    ):
        about.delete()
    _empty(contact)


def _erase_company(company: Company) -> None:
    for forget in ON_COMPANY_ERASURE:
        forget(company)
    Contact.objects.filter(company=company).update(company=None)
    _erase_notes(Note.objects.filter(company=company))
    Task.objects.filter(company=company).delete()
    _empty(company)


def _empty(row: Contact | Company) -> None:
    """Set every column with content to its default; ids and times stay."""
    for column in row._meta.concrete_fields:
        if column.name not in _STAYS:
            setattr(row, column.attname, None if column.null else column.get_default())
    row.save()


def _forget_events(contact: Contact) -> None:
    """Left with a browser's id, later sign-ins would tie them to a person again."""
    rows = Event.objects.filter(workspace_id=contact.workspace_id, contact=contact)
    while keys := list(rows.values_list("pk", flat=True)[:_EVENTS_BATCH]):
        Event.objects.filter(pk__in=keys).update(
            contact=None, visitor_id="", session_id="", data={}
        )


def _erase_notes(notes: QuerySet[Note]) -> int:
    NoteVersion.objects.filter(note__in=notes).delete()
    return notes.delete()[0]


def _erase_threads(threads: QuerySet[Thread]) -> int:
    Message.objects.filter(thread__in=threads).delete()
    return threads.delete()[0]
