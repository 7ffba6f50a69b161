"""Conversations by mail and Intercom between the team and people of the demo.

Each follows from the seed and its number alone, so a later run makes the same ones, goes on with
those that were not over, and adds what began since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal, NamedTuple

from django.db import transaction

from accounts.models import User, Workspace
from core.ids import new_id_at
from crm.models import Contact, Message, Thread
from demo.crm import working_hours
from demo.crm.cast import CAST
from demo.crm.companies import ascii_name
from demo.crm.randomness import stream
from demo.files import load

_FEWEST, _MOST, _CONTACTS_A_TALK = 6, 100, 20
_DAYS = 75
_BY_HAND = {role.email for role in CAST}
_SHARING = {"full": 80, "subject_and_time": 14, "owner_only": 6}
_MONTHS = ("January", "February", "March", "April", "the summer", "September")
_VANS = (12, 18, 24, 35, 40, 60, 85)
# A mail takes at least so long to write, however short the script says.
_WRITING = timedelta(minutes=1)


class Line(NamedTuple):
    """A message of a script, written `hours` after the one before."""

    hours: float
    who: Literal["in", "out"]
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation as it may have gone; `stages` are those of contacts it fits."""

    subject: str
    stages: tuple[str, ...]
    lines: tuple[Line, ...]
    channel: str = "imap"


SCRIPTS = load("conversations", tuple[Script, ...])


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation and its messages, oldest first."""

    thread: Thread
    messages: list[Message]


def talks(
    seed: str,
    place: Workspace,
    contacts: list[Contact],
    people: list[User],
    span: tuple[datetime, datetime],
) -> list[Talk]:
    """All conversations up to now; `span` is the end of the demo's first days, and now."""
    midnight, now = span
    known = [one for one in contacts if one.created_at <= midnight and one.email not in _BY_HAND]
    willing = [one for one in known if one.email_consent is not False]
    if not willing or not people:
        return []
    wanted = min(_MOST, max(_FEWEST, len(known) // _CONTACTS_A_TALK))
    found = []
    for number, begins in enumerate(_beginnings(seed, wanted, midnight, now)):
        rng = stream(f"{seed}:talk:{number}")
        found.append(_talk(rng, place, _pair(rng, number, willing), people, begins))
    said = [Talk(one.thread, [m for m in one.messages if m.sent_at <= now]) for one in found]
    for one in said:
        one.thread.last_message_at = max((m.sent_at for m in one.messages), default=now)
    return [one for one in said if one.messages]


def write(place: Workspace, made: list[Talk], since: datetime | None) -> int:
    """Store what is missing of what was said after `since`, None for all; returns the threads.

    A conversation that somebody deleted in the meantime is not begun anew.
    """
    here = Contact.objects.present().filter(workspace=place)
    present = set(here.values_list("pk", flat=True))
    fresh = [
        one.thread
        for one in made
        if str(one.thread.contact_id) in present and _after(since, one.thread.created_at)
    ]
    with transaction.atomic():
        Thread.objects.bulk_create(fresh, ignore_conflicts=True)
        stored = set(Thread.objects.filter(workspace=place).values_list("pk", flat=True))
        later = [m for one in made for m in one.messages if _after(since, m.sent_at)]
        Message.objects.bulk_create(
            (m for m in later if str(m.thread_id) in stored), ignore_conflicts=True
        )
        for one in made:
            last = one.thread.last_message_at
            same = Thread.objects.filter(pk=one.thread.pk, last_message_at__lt=last)
            if _after(since, last):
                same.update(last_message_at=last)
    return len(fresh)


def _after(since: datetime | None, moment: datetime) -> bool:
    return since is None or moment >= since


def _beginnings(seed: str, wanted: int, midnight: datetime, now: datetime) -> Iterator[datetime]:
    rng = stream(f"{seed}:talks")
    first = midnight - timedelta(days=_DAYS)
    for _ in range(wanted):
        yield working_hours.moment_between(rng, first, midnight, 1)
    a_day = wanted / _DAYS
    for number in range((now - midnight).days + 1):
        day = midnight + timedelta(days=number)
        chance = stream(f"{seed}:talks:{number}")
        for _ in range(int(a_day * working_hours.weight_of(day) + chance.random())):
            yield working_hours.hour_on(chance, day, 1)


def _pair(rng: Random, number: int, contacts: list[Contact]) -> tuple[Script, Contact]:
    """The next script, and somebody it fits."""
    script = SCRIPTS[number % len(SCRIPTS)]
    fitting = [one for one in contacts if one.lifecyclestage in script.stages]
    return script, rng.choice(fitting or contacts)


def _talk(
    rng: Random,
    place: Workspace,
    pair: tuple[Script, Contact],
    people: list[User],
    begins: datetime,
) -> Talk:
    script, contact = pair
    begins = max(begins, contact.created_at + timedelta(hours=3))
    us = next((one for one in people if one.pk == contact.owner_id), None) or rng.choice(people)
    is_mail = script.channel == "imap"
    words = _words(rng, contact, us)
    subject = script.subject.format(**words)
    thread = Thread(
        id=new_id_at("thr", begins, rng.getrandbits(74)),
        workspace=place,
        contact=contact,
        source=script.channel,
        external_id=f"demo-{rng.getrandbits(60):x}",
        subject=subject,
        sharing=rng.choices(list(_SHARING), list(_SHARING.values()))[0] if is_mail else "full",
        owner_id=str(us.pk) if is_mail else None,
        created_at=begins,
    )
    ours = _address(us, place) if is_mail else f"support@{place.slug}.test"
    return Talk(thread, list(_messages(rng, thread, script.lines, words, ours)))


def _messages(
    rng: Random, thread: Thread, lines: tuple[Line, ...], words: dict[str, str], ours: str
) -> Iterator[Message]:
    moment = thread.created_at
    theirs = thread.contact.email
    for number, (hours, who, text) in enumerate(lines):
        if number:
            moment += max(_WRITING, timedelta(hours=hours * rng.uniform(0.8, 1.3)))
        sender, receiver = (theirs, ours) if who == "in" else (ours, theirs)
        yield Message(
            id=new_id_at("msg", moment, rng.getrandbits(74)),
            workspace=thread.workspace,
            thread=thread,
            external_id=f"<{rng.getrandbits(60):x}@{sender[-30:]}>",
            direction=who,
            from_address=sender,
            to_addresses=[receiver],
            subject=f"Re: {thread.subject}"[:500] if number else thread.subject,
            body=text.format(**words),
            sent_at=moment,
            created_at=moment,
        )


def _words(rng: Random, contact: Contact, us: User) -> dict[str, str]:
    return {
        "first": contact.firstname,
        "company": str(contact.company or "our company"),
        "domain": contact.email.partition("@")[2],
        "us": str(us).split()[0],
        "vans": str(rng.choice(_VANS)),
        "month": rng.choice(_MONTHS),
    }


def _address(user: User, place: Workspace) -> str:
    """Where the person writes from; the demo's senders have the same addresses."""
    return f"{'.'.join(ascii_name(part) for part in str(user).split())}@{place.slug}.test"
