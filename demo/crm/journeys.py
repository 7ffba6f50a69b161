"""What one person does over the weeks: reads, comes back, asks for a demo, or doesn't.

1. Visits lie between `begins` and `ends` of the person; the later ones look at prices more often.
2. Who came by a form was a stranger until then: the earlier visits are bound to the contact later.
3. A demo request follows a look at the prices, a trial the demo, invitations the trial.
4. After the demo's first days the active ones go on, one stream of chance a person, so that a later
   run repeats the earlier one and only adds to it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from crm.models import Event
from demo.crm import working_hours
from demo.crm.people import Person, known_since
from demo.crm.randomness import stream
from demo.crm.site import Arrival, Site, any_arrival, newsletter, return_arrival
from demo.crm.visits import Visitor

_VISITS = {
    "subscriber": (1, 3),
    "lead": (1, 4),
    "other": (1, 2),
    "mql": (3, 6),
    "prospect": (2, 5),
    "sql": (4, 7),
    "opportunity": (5, 9),
    "customer": (5, 12),
    "evangelist": (7, 14),
}
_ASKS_FOR_DEMO = {"sql", "opportunity"}
_TRIES_IT = {"opportunity"}
_USES_IT = {"customer", "evangelist"}
_DAYS_BETWEEN_VISITS = {"opportunity": 5.0, "sql": 7.0, "customer": 8.0, "evangelist": 6.0}
_FIRST_FORM = {
    "subscriber": ("newsletter",),
    "lead": ("ebook", "newsletter", "contact"),
    "mql": ("ebook", "contact"),
    "prospect": ("ebook", "contact"),
}
_FORM_PAGES = {
    "newsletter": "/newsletter",
    "ebook": "/resources/planning-guide",
    "contact": "/contact",
    "demo_request": "/demo",
}


def history(person: Person, visitor: Visitor) -> list[Event]:
    """Everything the person did in the demo's first days; sets the contact's dates on the way."""
    contact, rng = person.contact, person.rng
    count = rng.randint(*_VISITS[contact.lifecyclestage])
    if contact.lifecyclestage in _ASKS_FOR_DEMO:
        count = max(3, count)
    moments = sorted(
        working_hours.moment_between(rng, person.begins, person.ends, person.home.offset)
        for _ in range(count)
    )
    asks_at = int(count * 0.6) if contact.lifecyclestage in _ASKS_FOR_DEMO else None
    tells_at = min(rng.randrange(3), count - 1 if asks_at is None else asks_at)
    _Course(person, visitor, moments, tells_at, asks_at).run()
    contact.first_seen_at = visitor.events[0].timestamp
    _remember_first_touch(person, visitor.events[0])
    return visitor.events


def later_visits(person: Person, visitor: Visitor, since: datetime, until: datetime) -> None:
    """Further visits after the first days, for those who had not gone silent."""
    rng = stream(f"{visitor.visitor_id}:later")
    visitor.rng = rng
    stage = person.contact.lifecyclestage
    if person.ends < since and stage not in _DAYS_BETWEEN_VISITS:
        return
    pause = _DAYS_BETWEEN_VISITS.get(stage, 24.0)
    moment = since + timedelta(days=rng.expovariate(1 / pause))
    while moment < until:
        begins = working_hours.hour_on(rng, moment, person.home.offset)
        arrival = return_arrival(rng, visitor.site)
        visitor.visit(begins, list(_pages(rng, visitor.site, stage, 0.5)), arrival)
        moment += timedelta(days=1 + rng.expovariate(1 / pause))


def emails_opened(person: Person, visitor: Visitor, begins: datetime, until: datetime) -> None:
    """The monthly newsletter goes out every other Tuesday; some open it, some click."""
    contact = person.contact
    if not contact.email_consent:
        return
    rng = visitor.rng = stream(f"{visitor.visitor_id}:newsletters")
    eager = rng.uniform(0.1, 0.75)
    day = begins + timedelta(days=(1 - begins.weekday()) % 7)
    while day < until:
        sent = day.replace(hour=9, minute=0, second=0, microsecond=0)
        opened = sent + timedelta(hours=rng.expovariate(1 / 9.0), milliseconds=rng.randrange(1000))
        opens, clicks = rng.random() < eager, rng.random() < 0.3
        if opens and sent > contact.created_at:
            _open(visitor, opened, f"newsletter-{day:%Y-%m-%d}", clicks=clicks)
        day += timedelta(days=14)


def _open(visitor: Visitor, moment: datetime, issue: str, *, clicks: bool) -> None:
    data = {"campaign": issue, "subject": f"The {visitor.place} newsletter"}
    visitor.add("email_open", moment, source="email", data=data)
    if clicks:
        path = visitor.rng.choice(list(visitor.site.blog))
        clicked = moment + timedelta(seconds=visitor.rng.randint(8, 90))
        url = f"https://{visitor.site.domain}{path}"
        visitor.add("email_click", clicked, source="email", url=url, path=path, data=data)
        visitor.visit(clicked + timedelta(seconds=2), [path], newsletter(issue))


class _Course:
    """The visits of one person, in order, with the forms between them."""

    def __init__(
        self,
        person: Person,
        visitor: Visitor,
        moments: list[datetime],
        tells_at: int,
        asks_at: int | None,
    ) -> None:
        self.person, self.visitor, self.moments = person, visitor, moments
        self.tells_at, self.asks_at = tells_at, asks_at
        self.rng, self.stage = person.rng, person.contact.lifecyclestage

    def run(self) -> None:
        """Walk through the visits."""
        if not self.person.came_by_form:
            known_since(self.person, self._entered_by_hand())
        ends = self.moments[0]
        for number, moment in enumerate(self.moments):
            ends = self._visit(number, max(moment, ends + timedelta(minutes=35)))
        for event in self.visitor.events:
            event.contact = self.person.contact
            event.company_id = self.person.contact.company_id
        if self.stage in _TRIES_IT | _USES_IT:
            self._use(ends)

    def _visit(self, number: int, moment: datetime) -> datetime:
        site, rng = self.visitor.site, self.rng
        progress = number / len(self.moments)
        arrival = any_arrival(rng, site) if number == 0 else return_arrival(rng, site)
        paths = list(_pages(rng, site, self.stage, progress))
        if number == self.asks_at and "/pricing" not in paths:
            paths.append("/pricing")
        ends = self.visitor.visit(moment, paths, arrival)
        if self.person.came_by_form and number == self.tells_at:
            ends = self._tell(ends, "demo_request" if number == self.asks_at else self._form())
        if number == self.asks_at and (number != self.tells_at or not self.person.came_by_form):
            ends = self._fill_in(ends, "demo_request")
        return ends

    def _form(self) -> str:
        return self.rng.choice(_FIRST_FORM.get(self.stage, ("contact", "ebook")))

    def _tell(self, moment: datetime, form: str) -> datetime:
        ends = self._fill_in(moment, form)
        known_since(self.person, self.visitor.events[-1].timestamp)
        return ends

    def _fill_in(self, moment: datetime, form: str) -> datetime:
        contact, path = self.person.contact, _FORM_PAGES[form]
        ends = self.visitor.visit(moment, [path], Arrival(f"https://{self.visitor.site.domain}/"))
        answers = {"email": contact.email, "firstname": contact.firstname}
        return self.visitor.submit(ends, path, form, **answers)

    def _entered_by_hand(self) -> datetime:
        """When an import or a colleague made the contact: long ago, or just before the visits."""
        back = timedelta(days=self.rng.uniform(2, 500))
        return self.moments[0] - back

    def _use(self, moment: datetime) -> None:
        """The trial, and the product's own events; only what lies in the person's time counts."""
        self.visitor.contact = self.person.contact
        moment += timedelta(hours=self.rng.uniform(2, 60))
        if self.stage in _TRIES_IT and moment < self.person.ends:
            self.visitor.add(
                "trial_started", moment, source="product", domain=self.visitor.site.app
            )
            moment += timedelta(hours=self.rng.uniform(0.5, 30))
        for _ in range(self.rng.randint(0, 4)):
            if moment >= self.person.ends:
                return
            self.visitor.add(
                "invite_sent", moment, source="product", domain=self.visitor.site.app,
                data={"role": self.rng.choice(("dispatcher", "technician", "admin"))},
            )  # fmt: skip
            moment += timedelta(hours=self.rng.uniform(0.1, 70))


def _pages(rng: Random, site: Site, stage: str, progress: float) -> Iterator[str]:
    """The pages of one visit; `progress` is 0 at the first visit and near 1 at the last."""
    serious = stage in _ASKS_FOR_DEMO or stage == "mql"
    if stage in _USES_IT:
        yield from rng.sample(list(site.docs), rng.randint(1, 3))
        if rng.random() < 0.12:
            yield "/pricing"
        return
    if rng.random() < 0.65 - 0.4 * progress:
        yield rng.choice(["/", *site.blog, *site.blog])
    yield from rng.sample(list(site.product), rng.randint(1, 2))
    if rng.random() < 0.25 + 0.2 * progress:
        yield rng.choice(list(site.customers))
    if rng.random() < (0.08 + 0.7 * progress if serious else 0.1):
        yield "/pricing"
    if serious and rng.random() < 0.25 * progress:
        yield "/security"
    if rng.random() < 0.08:
        yield rng.choice(list(site.docs))


def _remember_first_touch(person: Person, first: Event) -> None:
    """How a contact who came by a form was first met; written once."""
    if not person.came_by_form:
        return
    facts = {
        "creation_referrer": first.referrer,
        "creation_referring_domain": first.referring_domain,
        "creation_landing_page": first.path,
        "creation_utm_source": first.utm_source,
        "creation_utm_medium": first.utm_medium,
        "creation_utm_campaign": first.utm_campaign,
    }
    person.contact.properties |= {key: value for key, value in facts.items() if value}
