"""A visitor and what the tracker writes down: page views, forms, opened e-mails."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

from accounts.models import Workspace
from core.ids import new_id_at
from crm.models import Contact, Event
from demo.crm.devices import Device
from demo.crm.site import Arrival, Site


@dataclass(slots=True)
class Visitor:
    """One browser. Everything it does lands in `events`, in order."""

    rng: Random
    place: Workspace
    site: Site
    country: str
    device: Device
    contact: Contact | None = None
    is_bot: bool = False
    visitor_id: str = ""
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visitor_id = self.visitor_id or f"vis_{self.rng.getrandbits(80):020x}"

    def visit(self, begins: datetime, paths: list[str], arrival: Arrival) -> datetime:
        """Look at some pages in one session; returns when the last one was left."""
        moment = begins
        session = f"sess_{self.rng.getrandbits(64):016x}"
        previous = ""
        for path in paths:
            facts = self._page(path, previous, arrival)
            self.add("page_view", moment, session_id=session, **facts)
            previous = f"https://{self.site.domain}{path}"
            moment += self._dwell()
        return moment

    def submit(self, moment: datetime, path: str, form: str, **answers: str) -> datetime:
        """Send a form on a page; the answers are what a person typed."""
        last = self.events[-1].session_id if self.events else ""
        data = {"form_id": form, **answers}
        self.add(
            "form_submit", moment, session_id=last, data=data, **self._page(path, "", Arrival())
        )
        return moment + timedelta(seconds=self.rng.randint(2, 9))

    def add(self, name: str, moment: datetime, source: str = "tracker", **facts: Any) -> Event:
        """Write one event down."""
        event = Event(
            id=new_id_at("evt", moment, self.rng.getrandbits(74)),
            workspace=self.place,
            contact=self.contact,
            company_id=self.contact.company_id if self.contact else None,
            event=name,
            timestamp=moment,
            source=source,
            visitor_id=self.visitor_id,
            browser=self.device.browser,
            os=self.device.os,
            device_type=self.device.device_type,
            country=self.country,
            is_bot=self.is_bot,
            created_at=moment,
            **facts,
        )
        self.events.append(event)
        return event

    def _page(self, path: str, previous: str, arrival: Arrival) -> dict[str, Any]:
        url = f"https://{self.site.domain}{path}"
        facts = {"domain": self.site.domain, "path": path, "title": self.site.title(path)}
        if previous:
            return facts | {"url": url, "referrer": previous, "referring_domain": self.site.domain}
        tags = {k: v for k, v in arrival._asdict().items() if v and k != "referrer"}
        return (
            facts
            | tags
            | {
                "url": f"{url}?{urlencode(tags)}" if tags else url,
                "referrer": arrival.referrer,
                "referring_domain": urlsplit(arrival.referrer).hostname or "direct",
            }
        )

    def _dwell(self) -> timedelta:
        if self.is_bot:
            return timedelta(milliseconds=self.rng.randint(400, 3000))
        return timedelta(seconds=min(900, self.rng.lognormvariate(3.9, 0.9)) + 4)
