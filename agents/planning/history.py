"""What happened, as the rules ask it: visits to prices, forms, what was read about, the trial."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agents.planning.facts import Activity, Facts
from agents.planning.topics import Topic, is_pricing, topic_of

TRIAL = frozenset({"trial_started", "trial_start", "signup", "trial_signup"})
# Beside the trial itself: what somebody does in the product.
_OUTSIDE = frozenset({"page_view", "form_submit"})
_MAIL = "email_"


class Form(StrEnum):
    """What somebody asked for by a form of ours."""

    DEMO = "demo"
    CONTACT = "contact"
    GUIDE = "guide"
    NEWSLETTER = "newsletter"


_MARKS = {
    Form.DEMO: ("demo", "meeting", "consultation"),
    Form.CONTACT: ("contact", "question", "quote"),
    Form.GUIDE: ("ebook", "guide", "download", "whitepaper", "resource", "webinar"),
    Form.NEWSLETTER: ("newsletter", "subscribe"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that was sent, and the event that says so."""

    form: Form
    event: Activity


def pricing_visits(facts: Facts) -> list[Activity]:
    """Visits to prices, newest first."""
    views = [event for event in facts.events if event.event == "page_view"]
    return newest_first(event for event in views if is_pricing(event.path))


def asked_for(facts: Facts) -> Asked | None:
    """The form that says most about why they came, the newest of its kind."""
    found = [
        Asked(form, event)
        for event in newest_first(e for e in facts.events if e.event == "form_submit")
        if (form := _form_of(event)) is not None
    ]
    order = list(Form)
    return min(found, key=lambda asked: order.index(asked.form), default=None)


def interests(facts: Facts) -> list[tuple[Topic, Activity]]:
    """Topics by how often they were read, each with its newest page view; prices left out."""
    views = newest_first(event for event in facts.events if event.event == "page_view")
    pairs = [(topic, view) for view in views if (topic := topic_of(view.path)) is not None]
    count = Counter(topic.slug for topic, _ in pairs)
    newest: dict[str, tuple[Topic, Activity]] = {}
    for topic, view in pairs:
        newest.setdefault(topic.slug, (topic, view))
    return [newest[slug] for slug, _ in sorted(count.items(), key=lambda item: (-item[1], item[0]))]


def newest_trial(facts: Facts) -> Activity | None:
    """The newest start of a trial."""
    return next(iter(newest_first(e for e in facts.events if e.event in TRIAL)), None)


def product_events(facts: Facts, since: datetime) -> list[Activity]:
    """What they did in the product since then, newest first."""
    return newest_first(
        event
        for event in facts.events
        if event.at > since
        and event.event not in TRIAL | _OUTSIDE
        and not event.event.startswith(_MAIL)
    )


def newest_event(facts: Facts, *names: str) -> Activity | None:
    """The newest event of these names."""
    return next(iter(newest_first(e for e in facts.events if e.event in names)), None)


def is_recent(moment: datetime, now: datetime, days: int) -> bool:
    """Whether it lies at most so many days back."""
    return moment >= now - timedelta(days=days)


def newest_first(events: Iterable[Activity]) -> list[Activity]:
    """By time, then by id, so that the same facts always read the same."""
    return sorted(events, key=lambda event: (event.at, event.id), reverse=True)


def _form_of(event: Activity) -> Form | None:
    text = f"{event.data.get('form_id') or ''} {event.path}".casefold()
    return next((form for form, marks in _MARKS.items() if any(m in text for m in marks)), None)
