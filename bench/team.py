"""One workspace full of contacts and events, and the ways to ask about them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction

from accounts.models import Workspace
from core import operations
from core.access import Role
from core.actor import Actor, ActorKind, Surface
from core.ids import decode, new_id_at
from crm.models import Company, Contact, Event
from crm.records import index
from crm.services import rollups

DAYS = 90
END = datetime(2026, 11, 20, tzinfo=UTC)
COMPANIES = 2000
NAMES = ("page_view", "form_submit", "email_open", "email_click", "signup", "login", "video_play")
PATHS = tuple(f"/page-{number}" for number in range(200))
BROWSERS = ("Chrome", "Safari", "Firefox", "Edge")
FIRST = ("Ana", "Bo", "Zoë", "Jörg", "Mia", "Sean", "Ravi", "Lena", "Omar", "Yuki", "Nils", "Ines")
LAST = ("Ng", "Müller", "O'Brien", "Díaz", "Rossi", "Tanaka", "Khan", "Weber", "Silva", "Novak")
TITLES = ("Head of Sales", "CTO", "Engineer", "VP Marketing", "Buyer", "Founder", "Analyst")
Work = Callable[[], object]


class Team:
    """The rows, written in the order they happened, and who asks: a key of a member."""

    def __init__(self, contacts: int, events: int) -> None:
        self.contacts, self.events = contacts, events
        self.rng = Random(1)  # noqa: S311 - measurements, not secrets
        place, _ = Workspace.objects.get_or_create(
            slug="bench", defaults={"name": "Bench", "time_zone": "Europe/Berlin"}
        )
        self.workspace = str(place.pk)
        self.actor = Actor(
            workspace_id=self.workspace,
            kind=ActorKind.KEY,
            surface=Surface.REST,
            role=Role.MEMBER,
            name="bench",
        )
        # Those there already, in a database that was kept.
        self.ids = [str(pk) for pk in Contact.objects.order_by("pk").values_list("pk", flat=True)]
        self.late: list[object] = []

    def fill(self) -> None:
        """Companies and contacts by bulk insert, events by COPY."""
        firms = [self._firm(number) for number in range(COMPANIES)]
        Company.objects.bulk_create(firms, batch_size=2000)
        rows = [self._person(number, firms) for number in range(self.contacts)]
        Contact.objects.bulk_create(rows, batch_size=2000)
        self.ids = [str(row.pk) for row in rows]
        self.add_events(self._made())
        self.vacuum()

    def roll_up(self) -> int:
        """Work the rollup out; returns how many buckets."""
        done = rollups.refresh(self.actor)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE crm_rollup")
            cursor.execute("VACUUM crm_dirtybucket")
        return done

    def add_events(self, events: Iterator[tuple[Any, ...]]) -> None:
        """Store events by COPY, each a tuple of COLUMNS."""
        into = f"COPY crm_event ({', '.join(COLUMNS)}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            for event in events:
                copy.write_row(event)

    def vacuum(self) -> None:
        """As autovacuum leaves the tables after a while."""
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def event(self, moment: datetime, contact: Any, **facts: Any) -> tuple[Any, ...]:
        path = self.rng.choice(PATHS)
        made = {
            "id": decode("evt", new_id_at("evt", moment, self.rng.getrandbits(74))),
            "workspace_id": self.uuid(self.workspace),
            "contact_id": contact,
            "event": self.rng.choices(NAMES, weights=(70, 5, 10, 5, 1, 6, 3))[0],
            "timestamp": moment,
            "visitor_id": f"v{self.rng.randrange(200_000)}",
            "url": f"https://bench.example{path}",
            "path": path,
            "browser": self.rng.choice(BROWSERS),
            "is_bot": self.rng.random() < 0.04,
            "created_at": moment,
            "source": "tracker",
            "domain": "bench.example",
            "data": "{}",
            **facts,
        }
        return tuple(made.get(column, "") for column in COLUMNS)

    def ask(self, name: str, **data: Any) -> Work:
        """The whole operation, as a connected app calls it."""
        return lambda: operations.submit(self.actor, operations.get(name), data)

    def sql(self, *statements: str, given: tuple[Any, ...] = ()) -> Work:
        """The statements in one transaction, like ours; each takes the workspace, then `given`."""
        parameters = (self.uuid(self.workspace), *given)

        def run() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement, parameters)
                    cursor.fetchall()

        return run

    def after_a_late_event(self, work: Work) -> Work:
        """The work while a bucket of last month is dirty."""

        def run() -> None:
            if not self.late:
                self.late.append(
                    Event.objects.create(
                        workspace_id=self.workspace,
                        event="page_view",
                        timestamp=END - timedelta(days=40),
                        source="late",
                        created_at=END,
                    )
                )
            work()

        return run

    def an_event(self) -> str:
        return str(Event.objects.order_by("pk").values_list("pk", flat=True)[1000])

    @property
    def anybody(self) -> list[str]:
        """25 contacts; the very first may be a giant (bench.bounds)."""
        return self.ids[100:125]

    def uuid(self, public_id: str) -> Any:
        """The id as the database keeps it."""
        return decode(public_id.split("_")[0], public_id)

    def _firm(self, number: int) -> Company:
        firm = Company(
            workspace_id=self.workspace,
            domain=f"firm{number}.example",
            name=f"Firm {number}",
            industry=f"Industry {number % 20}",
            created_at=END,
            updated_at=END,
        )
        index(firm)
        return firm

    def _person(self, number: int, firms: list[Company]) -> Contact:
        firm = self.rng.choice(firms)
        moment = END - timedelta(minutes=number)
        person = Contact(
            workspace_id=self.workspace,
            company=firm,
            email=f"person{number}@{firm.domain}",
            firstname=self.rng.choice(FIRST),
            lastname=f"{self.rng.choice(LAST)} {number % 997}",
            jobtitle=self.rng.choice(TITLES),
            lifecyclestage="lead",
            country="Germany",
            properties={"plan": "pro", "seats": number % 50},
            created_at=moment,
            updated_at=moment,
        )
        index(person)
        return person

    def _made(self) -> Iterator[tuple[Any, ...]]:
        people = [self.uuid(contact) for contact in self.ids]
        step = timedelta(days=DAYS) / self.events
        moment = END - timedelta(days=DAYS)
        for _ in range(self.events):
            moment += step
            yield self.event(moment, self.rng.choice(people) if self.rng.random() < 0.4 else None)


COLUMNS = (
    *("id", "workspace_id", "contact_id", "event", "timestamp", "visitor_id", "url", "path"),
    *("browser", "is_bot", "created_at", "source", "session_id", "domain", "title", "referrer"),
    *("referring_domain", "utm_source", "utm_medium", "utm_campaign", "os", "device_type"),
    *("country", "data"),
)
