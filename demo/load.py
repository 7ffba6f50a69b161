"""Makes the whole demo, or brings it up to now.

What a workspace was made of stands in its audit log (`demo.filled`): a later run repeats the same
seed, numbers and first day, and so adds only what is new. A run that was cut short left no such
line and is done over; rows it wrote are recognised by their ids.
"""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from accounts.models import User, Workspace
from core import audit, clock
from core.actor import Actor
from core.models import AuditEntry
from demo.agents import agents, first_run
from demo.channels import connect
from demo.crm import fill, segments
from demo.crm.fill import Say
from demo.crm.site import ACME, GLOBEX
from demo.ledger import ledger
from demo.people import WORKSPACES, people, workspaces
from demo.policy import answer_for
from demo.replies import conversations
from demo.senders import senders

_VERB = "demo.filled"


@dataclass(frozen=True, slots=True)
class Size:
    """How much the workspace acme holds, at least; the events over its first 90 days."""

    contacts: int = 2000
    events: int = 60_000
    seed: int = 1

    @property
    def companies(self) -> int:
        """As many as such a number of contacts works for."""
        return max(10, self.contacts * 3 // 20)


GLOBEX_SIZE = Size(contacts=100, events=3000)


class OtherSize(Exception):
    """The demo was made with other numbers; `first` are those."""

    def __init__(self, first: Size) -> None:
        super().__init__()
        self.first = first


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The first and the last complete run in a workspace."""

    size: Size
    begins: datetime
    until: datetime


def foreign_workspaces() -> list[str]:
    """Slugs of workspaces that are not the demo's."""
    return list(Workspace.objects.exclude(slug__in=WORKSPACES).values_list("slug", flat=True)[:5])


def load(wanted: dict[str, int], passwords: dict[str, str], say: Say) -> list[str]:
    """Write what is missing; returns the addresses of the logins that are new.

    `wanted` are the fields of Size that were asked for. Raises OtherSize when an earlier run had
    others.
    """
    places = workspaces()
    size = _agreed(wanted, _earlier(places["acme"]))
    new_logins = people(places, passwords)
    answer_for(places)
    found = senders(places)
    connect(places["acme"], found)
    _fill(places["acme"], size, say)
    _fill(places["globex"], replace(GLOBEX_SIZE, seed=size.seed), say)
    for place in places.values():
        _tell(say, segments.segments(place), f"segments added to {place}")
    acme = places["acme"]
    _tell(say, ledger(acme, found), "drafts added to the queue and its history")
    _tell(say, conversations(acme), "conversations made of its e-mails")
    _tell(say, agents(acme, found), "agents added")
    if first_run(acme):
        say("one of them worked through its contacts and proposed")
    return new_logins


def _tell(say: Say, number: int, what: str) -> None:
    if number:
        say(f"{number} {what}")


def _agreed(wanted: dict[str, int], earlier: _Earlier | None) -> Size:
    if earlier is None:
        return Size(**wanted)
    if any(asdict(earlier.size)[name] != value for name, value in wanted.items()):
        raise OtherSize(earlier.size)
    return earlier.size


def _fill(place: Workspace, size: Size, say: Say) -> None:
    now, earlier = clock.now(), _earlier(place)
    if earlier and earlier.until.date() == now.date():
        say(f"{place}: today is there")
        return  # repeating the history takes seconds, only to find that it is there
    begins = earlier.begins if earlier else _first_day(now)
    plan = fill.Plan(
        seed=f"{size.seed}:{place.slug}",
        site=ACME if place.slug == "acme" else GLOBEX,
        begins=begins,
        companies=size.companies if place.slug == "acme" else 20,
        contacts=size.contacts,
        events=size.events,
        has_cast=place.slug == "acme",
    )
    team = User.objects.filter(memberships__workspace=place).exclude(memberships__role="viewer")
    added = fill.fill(
        plan,
        place,
        list(team.order_by("email")),
        since=earlier.until if earlier else None,
        now=now,
        say=say,
    )
    say(f"{place}: {added} events added")
    if added or earlier is None:
        _remember(place, size, begins)


def _first_day(now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=fill.DAYS)


def _earlier(place: Workspace) -> _Earlier | None:
    rows = AuditEntry.objects.filter(workspace_id=str(place.pk), verb=_VERB).order_by("-at")
    last = rows.first()
    if last is None:
        return None
    kept = last.object_ids
    numbers = {name: int(kept[name]) for name in ("contacts", "events", "seed")}
    begins = datetime.fromisoformat(kept["begins"]).replace(tzinfo=UTC)
    return _Earlier(Size(**numbers), begins, last.at)


def _remember(place: Workspace, size: Size, begins: datetime) -> None:
    facts = {name: str(value) for name, value in asdict(size).items()}
    actor = Actor.for_job("demo", str(place.pk))
    audit.record(actor, _VERB, object_ids=facts | {"begins": f"{begins:%Y-%m-%d}"})
