"""Puts a made-up history into a workspace, and on a later day what has happened since.

Ids follow from the seed and the event's time, so a row that is there already is left alone,
whatever became of it in the meantime.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction

from accounts.models import User, Workspace
from crm.models import Company, Contact, Event, Note, StageChange, Thread
from demo.crm import anonymous_visitors, conversations, journeys, notes, stages, working_hours
from demo.crm.cast import cast
from demo.crm.companies import companies
from demo.crm.devices import any_device
from demo.crm.people import Person, Town
from demo.crm.site import Site
from demo.crm.visits import Visitor

DAYS = 90
BATCH = 4000
BOT_SHARE = 0.04
# Somebody new a day for so many contacts of the first days.
_CONTACTS_A_NEWCOMER = 400
# Visits last, and clocks differ: what may have been cut off at the end of the earlier run.
_OVERLAP = timedelta(days=2)
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a workspace's demo is made of; the same plan makes the same history.

    `begins` is a midnight (UTC), DAYS before the day of the first run; the numbers are least ones.
    """

    seed: str
    site: Site
    begins: datetime
    companies: int
    contacts: int
    events: int
    has_cast: bool

    @property
    def midnight(self) -> datetime:
        """The end of the first days."""
        return self.begins + timedelta(days=DAYS)


@dataclass(slots=True)
class History:
    """Rows to be, all of them up to now."""

    companies: list[Company]
    contacts: list[Contact]
    events: list[Event]


def fill(
    plan: Plan,
    place: Workspace,
    people: list[User],
    *,
    since: datetime | None,
    now: datetime,
    say: Say,
) -> int:
    """Write what is missing; returns how many events were added. `say` gets one line a stage.

    `since` is when an earlier run ended, None before one ever did.
    """
    made = history(plan, place, people, since or plan.begins, now)
    with transaction.atomic():
        Company.objects.bulk_create(made.companies, ignore_conflicts=True, batch_size=BATCH)
        Contact.objects.bulk_create(made.contacts, ignore_conflicts=True, batch_size=BATCH)
    say(f"{place}: {len(made.companies)} companies, {len(made.contacts)} contacts")
    before = Event.objects.filter(workspace=place).count()
    events = made.events if since is None else _later(place, made.events, since - _OVERLAP)
    for batch in _batches(events):
        with transaction.atomic():
            Event.objects.bulk_create(batch, ignore_conflicts=True)
        say(f"{place}: events up to {batch[-1].timestamp:%Y-%m-%d}")
    if since is None:
        written = notes.notes(plan.seed, place, made.contacts, people, now)
        with transaction.atomic():
            Note.objects.bulk_create(written, ignore_conflicts=True)
        say(f"{place}: {len(written)} notes")
    _words_and_steps(plan, place, people, made.contacts, (since, now), say)
    return Event.objects.filter(workspace=place).count() - before


def _words_and_steps(
    plan: Plan,
    place: Workspace,
    people: list[User],
    contacts: list[Contact],
    span: tuple[datetime | None, datetime],
    say: Say,
) -> None:
    """The conversations since the earlier run, and once how everybody came to their stage."""
    since, now = span
    made = conversations.talks(plan.seed, place, contacts, people, (plan.midnight, now))
    has_some = Thread.objects.filter(workspace=place).exists()
    begun = conversations.write(place, made, since - _OVERLAP if since and has_some else None)
    if not StageChange.objects.filter(workspace=place).exists():
        known = [contact for contact in contacts if contact.created_at <= plan.midnight]
        steps = stages.stage_changes(plan.seed, place, known, people, plan.midnight)
        with transaction.atomic():
            StageChange.objects.bulk_create(steps, ignore_conflicts=True, batch_size=BATCH)
    say(f"{place}: {begun} conversations up to now")


def history(
    plan: Plan, place: Workspace, people: list[User], since: datetime, now: datetime
) -> History:
    """Everything up to now; of strangers and bots only what happened after `since`."""
    made = History(companies(plan.seed, place, plan.companies, plan.begins), [], [])
    town = Town(plan.seed, place, made.companies, people, plan.begins, DAYS, set())
    persons = [town.person(number) for number in range(plan.contacts)]
    persons += _newcomers(plan, town, now)
    for person in persons:
        events = _life(plan, place, person, now)
        if person.contact.created_at <= now:
            made.contacts.append(person.contact)
            made.events += events
    if plan.has_cast:
        firms, contacts, events = cast(plan.seed, place, plan.site, plan.midnight)
        made.companies += firms
        made.contacts += contacts
        made.events += events
    made.events += _others(plan, place, made.events, since, now)
    made.events = sorted((e for e in made.events if e.timestamp <= now), key=lambda e: e.timestamp)
    return made


def _life(plan: Plan, place: Workspace, person: Person, now: datetime) -> list[Event]:
    visitor = Visitor(person.rng, place, plan.site, person.home.name, any_device(person.rng))
    journeys.history(person, visitor)
    visitor.contact = person.contact
    journeys.later_visits(person, visitor, plan.midnight, now)
    journeys.emails_opened(person, visitor, plan.begins, now)
    return visitor.events


def _newcomers(plan: Plan, town: Town, now: datetime) -> Iterator[Person]:
    for day in range(max(0, (now - plan.midnight).days + 1)):
        for number in range(ceil(plan.contacts / _CONTACTS_A_NEWCOMER)):
            yield town.newcomer(day, number)


def _others(
    plan: Plan, place: Workspace, known: list[Event], since: datetime, now: datetime
) -> list[Event]:
    """Strangers and bots, so many that the first days hold the planned number of events."""
    robots = plan.events * BOT_SHARE / DAYS
    first = sum(plan.begins <= event.timestamp < plan.midnight for event in known)
    days = [plan.begins + timedelta(days=number) for number in range(DAYS)]
    missing = max(0.0, plan.events * (1 - BOT_SHARE) - first)
    a_unit = missing / sum(working_hours.weight_of(day) for day in days)
    found: list[Event] = []
    earlier = (since - _OVERLAP).replace(hour=0, minute=0, second=0, microsecond=0)
    day = max(plan.begins, earlier)
    while day <= now:
        share = ceil(a_unit * working_hours.weight_of(day) * 1.03)
        found += anonymous_visitors.visits(plan.seed, place, plan.site, day, share)
        number = (day - plan.begins).days
        crawled = int(robots * (number + 1)) - int(robots * number)
        found += anonymous_visitors.bots(plan.seed, place, plan.site, day, crawled)
        day += timedelta(days=1)
    return found


def _later(place: Workspace, events: list[Event], since: datetime) -> list[Event]:
    """The events after `since`; those of a contact that is gone belong to nobody."""
    found = [event for event in events if event.timestamp >= since]
    contacts = set(Contact.objects.filter(workspace=place).values_list("pk", flat=True))
    firms = set(Company.objects.filter(workspace=place).values_list("pk", flat=True))
    for event in found:
        if event.contact_id not in contacts:
            event.contact = None
        if event.company_id not in firms:
            event.company = None
    return found


def _batches(events: list[Event]) -> Iterator[list[Event]]:
    for start in range(0, len(events), BATCH):
        yield events[start : start + BATCH]
