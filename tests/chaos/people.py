"""People during the faults: an app drafts, people read, approve, edit, approve again.

Every approval is recorded before it is sent, with the card's content. A person whose request fails
reloads the card and approves again.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.db import Error, connections

from approvals.models import Action
from approvals.vocabulary import HELD, Status
from core import clock, operations
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Unavailable
from core.operations import Proposal, Request
from crm.models import Contact
from fakes import resend
from identities import channels
from identities.models import Channel, Identity, Kind
from tests import factories
from tests.team import Team, decide, make_team

Answer = TypeVar("Answer")
PATIENCE_SECONDS = 120


class Diary:
    """One line a step, written before the next."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file.open("a"), threading.Lock()

    def note(self, **facts: Any) -> None:
        """Write a line."""
        with self._lock:
            self._file.write(json.dumps(facts) + "\n")
            self._file.flush()


@dataclass
class Cast:
    """The people, their drafts, and their diary."""

    team: Team
    diary: Diary
    people: list[Actor] = field(default_factory=list)
    threads: int = 4


def act(actions: int, races: int, crowds: int, people: int, diary: str, seed: int) -> None:
    """Draft and decide `actions` messages. The first `crowds` are approved by all people at once;
    of the next `races` each approval meets an edit.
    """
    cast = _cast(people, Diary(Path(diary)))
    choose = random.Random(seed)  # noqa: S311 - which comes when, not a secret
    steps = [_crowd] * crowds + [_race] * races + [_press] * (actions - crowds - races)
    choose.shuffle(steps)
    with ThreadPoolExecutor(cast.threads) as pool:
        list(pool.map(lambda pair: _case(cast, *pair), enumerate(steps)))
    cast.diary.note(what="ended")


def _cast(people: int, diary: Diary) -> Cast:
    team = make_team()
    Identity.objects.update(email_daily_limit=1_000_000, resend_address="mia@send.acme.example")
    channel = Channel(workspace=team.place, kind=Kind.RESEND, created_at=clock.now())
    channel.secret = channels.sealed(channel, resend.TOKEN)
    channel.save(force_insert=True)
    team.mailer.refresh_from_db()
    crowd = [
        factories.person(factories.member(team.place, f"Rev{number}", Role.REVIEWER))
        for number in range(people)
    ]
    return Cast(team, diary, crowd)


def _case(cast: Cast, number: int, decided: Callable[[Cast, str], None]) -> None:
    try:
        action_id = insist(lambda: _draft(cast, number))
        cast.diary.note(what="drafted", action=action_id)
        decided(cast, action_id)
        while insist(lambda: _status(action_id)) == Status.PENDING:
            _press(cast, action_id)
    finally:
        connections.close_all()


def _draft(cast: Cast, number: int) -> str:
    """Every fourth goes by Resend, the others by mail; each to a different contact."""
    team, address = cast.team, f"p{number}@list{number}.example"
    person = Contact.objects.filter(email=address).first()
    person = person or factories.contact(team.place, address)
    kind, body = ("resend_send_email", "text") if number % 4 == 3 else ("email_message", "body")
    params = {
        "contact_id": str(person.pk),
        "subject": f"Chaos ☕ {number}",
        body: f"Grüße, **{number}**!\n\n.\n.. see [us](https://acme.example/{number}?a=1&b=2)",
    }
    answer = operations.submit(
        team.claude,
        operations.get(f"approvals.{kind}"),
        params,
        Request(proposal=Proposal(identity_id=str(team.mailer.pk))),
    )
    return str(answer["action_id"])


def _press(cast: Cast, action_id: str) -> None:
    """A person reads the card and approves it, until there is an answer."""
    who = cast.people[hash(action_id) % len(cast.people)]
    insist(lambda: _approve(cast, who, action_id))


def _approve(cast: Cast, who: Actor, action_id: str) -> bool:
    """Whether this approval decided it; the card's content is recorded first."""
    card = Action.objects.get(pk=action_id)
    if card.status != Status.PENDING:
        return False
    cast.diary.note(
        what="pressed", action=action_id, fingerprint=card.fingerprint, shown=card.rendered
    )
    try:
        answer = decide(who, "approve", action_id, fingerprint=card.fingerprint)
    except Unavailable:
        raise
    except AppError:
        return False
    return answer["decision"] == "approved" and not answer.get("replayed")


def _race(cast: Cast, action_id: str) -> None:
    """An edit races an approval of the previous version."""
    first, second = cast.people[:2]
    _at_once(lambda: _approve(cast, first, action_id), lambda: _edit(second, action_id))


def _edit(who: Actor, action_id: str) -> bool:
    card = Action.objects.get(pk=action_id)
    if card.status != Status.PENDING and card.status not in HELD:
        return False
    body = "text" if card.type == "resend_send_email" else "body"
    changed = card.params | {body: f"{card.params[body]}\n\nChanged by {who.name}."}
    decide(who, "edit", action_id, params=changed)
    return True


def _crowd(cast: Cast, action_id: str) -> None:
    """All people approve it at the same moment."""
    won = _at_once(*(_by(cast, who, action_id) for who in cast.people))
    cast.diary.note(what="crowd", action=action_id, won=won, of=len(cast.people))


def _by(cast: Cast, who: Actor, action_id: str) -> Callable[[], bool]:
    return lambda: _approve(cast, who, action_id)


def _at_once(*steps: Callable[[], bool]) -> int:
    """Run all at the same moment, a thread each; returns how many of them succeeded."""
    barrier, won = threading.Barrier(len(steps)), []

    def run(step: Callable[[], bool]) -> None:
        barrier.wait()
        try:
            won.append(step())
        except (AppError, Error):
            won.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(won)


def _status(action_id: str) -> str:
    return Action.objects.get(pk=action_id).status


def insist(step: Callable[[], Answer]) -> Answer:
    """Retry while the database is down or busy, as a person would."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return step()
        except (Unavailable, Error):
            if time.monotonic() > ends:
                raise
            connections.close_all()
            time.sleep(0.2)
