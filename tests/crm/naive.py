"""Filters evaluated row by row in Python, without the database and without crm.filters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from core import clock
from core.actor import Actor
from crm.models import Contact, Event, Message, Segment, SegmentMember, Thread
from tests import factories
from tests.crm.happenings import Place, place

COLUMNS = ("city", "jobtitle", "lifecyclestage", "email_consent", "is_enriched", "email")
WORDS = ["", "Ärzte", "ärzte", "BERLIN", "berlin", "a%b", "a_b", "5", "true", "x"]
STAGES = ["lead", "customer", "mql"]
PATHS = ["/", "/pricing", "/Pricing/x"]

_text_ops = st.sampled_from(["eq", "ne"])
_words = st.sampled_from(WORDS)
_numbers = st.sampled_from([0, 5, 5.0, 7.5, -1])
_any_value = st.one_of(_words, _numbers, st.booleans())
_bare = st.sampled_from(["is_set", "is_not_set"])


def _condition(field: Any, op: Any, value: Any) -> Any:
    return st.builds(lambda f, o, v: {"field": f, "op": o, "value": v}, field, op, value)


def _either(field: Any, value: Any) -> Any:
    return st.one_of(
        _condition(field, _text_ops, value),
        _condition(
            field, st.sampled_from(["in", "not_in"]), st.lists(value, min_size=1, max_size=3)
        ),
        st.builds(lambda f, o: {"field": f, "op": o}, field, _bare),
    )


_order = st.sampled_from(["gt", "gte", "lt", "lte"])
_conditions = st.one_of(
    _either(st.sampled_from(["city", "jobtitle", "company.name"]), _words),
    _condition(
        st.sampled_from(["city", "properties.plan", "company.domain"]),
        st.just("contains"),
        st.sampled_from(["b", "ER", "%", "_", "ä", "5"]),
    ),
    _either(st.just("lifecyclestage"), st.sampled_from(STAGES)),
    _either(st.sampled_from(["properties.plan", "properties.seats"]), _any_value),
    _condition(st.sampled_from(["properties.plan", "company.employee_count"]), _order, _numbers),
    _condition(st.sampled_from(["email_consent", "is_enriched"]), _text_ops, st.booleans()),
    st.builds(lambda o: {"field": "email_consent", "op": o}, _bare),
    _condition(
        st.sampled_from(["created_at", "first_seen_at"]),
        st.sampled_from(["before", "after"]),
        st.one_of(
            st.sampled_from(["2026-01-01", "2026-01-01T12:00:00+05:30"]),
            st.builds(lambda days: {"days_ago": days}, st.sampled_from([0, 1, 6, 30])),
        ),
    ),
)
_where = st.lists(
    st.one_of(
        _either(st.just("path"), st.sampled_from(PATHS)),
        _condition(st.just("data.form"), st.sampled_from(["eq", "ne"]), _any_value),
        _condition(st.just("is_bot"), _text_ops, st.booleans()),
    ),
    max_size=2,
)
_events = st.builds(
    lambda name, more: {"event": name} | {key: part for key, part in more.items() if part},
    st.sampled_from(["page_view", "form_submit", "nothing"]),
    st.fixed_dictionaries(
        {
            "where": _where,
            "count": st.none()
            | st.builds(
                lambda op, value: {"op": op, "value": value},
                st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]),
                st.integers(0, 3),
            ),
            "within_days": st.sampled_from([None, 1, 5, 30]),
        }
    ),
)
_leaves = st.one_of(
    _conditions,
    _events,
    st.builds(lambda days: {"not_contacted_days": days}, st.sampled_from([1, 5, 30])),
    st.just({"segment_id": "the segment"}),
)
_trees = st.one_of(
    _leaves,
    st.builds(lambda part: {"not": part}, _leaves),
    st.builds(
        lambda word, parts: {word: parts},
        st.sampled_from(["all", "any"]),
        st.lists(
            st.one_of(
                _leaves,
                st.builds(
                    lambda word, parts: {"not": {word: parts}},
                    st.sampled_from(["all", "any"]),
                    st.lists(_leaves, min_size=1, max_size=3),
                ),
            ),
            min_size=1,
            max_size=4,
        ),
    ),
)
nodes = _trees


@dataclass
class Crowd:
    """Contacts of every sort, and everything known of them as plain values."""

    acme: Place
    people: list[Contact]
    events: list[Event]
    letters: dict[str, list[datetime]]
    members: set[str]
    segment_id: str

    @property
    def actor(self) -> Actor:
        return self.acme.actor

    def named(self, data: Any) -> Any:
        """The filter with the id of the segment there is."""
        if isinstance(data, list):
            return [self.named(part) for part in data]
        if not isinstance(data, dict):
            return data
        if "segment_id" in data:
            return {"segment_id": self.segment_id}
        return {key: self.named(part) for key, part in data.items()}

    def whom(self, data: Any) -> set[str]:
        """The addresses of the contacts that match the filter."""
        return {person.email for person in self.people if self._holds(person, data)}

    def _holds(self, person: Contact, node: Any) -> bool:
        if "all" in node:
            return all(self._holds(person, part) for part in node["all"])
        if "any" in node:
            return any(self._holds(person, part) for part in node["any"])
        if "not" in node:
            return not self._holds(person, node["not"])
        if "field" in node:
            return _condition_holds(_value(person, node["field"]), node)
        if "event" in node:
            return self._happened(person, node)
        if "segment_id" in node:
            return str(person.pk) in self.members
        since = clock.now() - timedelta(days=node["not_contacted_days"])
        return not any(moment >= since for moment in self.letters.get(str(person.pk), []))

    def _happened(self, person: Contact, node: Any) -> bool:
        days = node.get("within_days")
        since = clock.now() - timedelta(days=days) if days else None
        where = node.get("where", [])
        with_bots = any(condition["field"] == "is_bot" for condition in where)
        number = sum(
            event.contact_id == person.pk
            and event.event == node["event"]
            and (since is None or event.timestamp >= since)
            and (with_bots or not event.is_bot)
            and all(_condition_holds(_value(event, part["field"]), part) for part in where)
            for event in self.events
        )
        count = node.get("count") or {"op": "gte", "value": 1}
        return bool(_compare(count["op"], number, count["value"]))


def _value(row: Any, field: str) -> Any:
    prefix, _, key = field.partition(".")
    if prefix in {"properties", "data"}:
        return getattr(row, prefix).get(key)
    if prefix == "company":
        return getattr(row.company, key) if row.company else None
    return getattr(row, field)


def _fold(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in value)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool) or isinstance(one, str):
        return type(one) is type(other) and bool(_fold(one) == _fold(other))
    return not isinstance(other, str) and bool(one == other)


def _condition_holds(value: Any, node: Any) -> bool:
    op, wanted = node["op"], node.get("value")
    if op == "is_set":
        return value is not None and value != ""
    if op == "is_not_set":
        return value is None or value == ""
    if op in {"eq", "ne"}:
        return _same(value, wanted) is (op == "eq")
    if op in {"in", "not_in"}:
        return any(_same(value, one) for one in wanted) is (op == "in")
    if op == "contains":
        return isinstance(value, str) and _fold(wanted) in _fold(value)
    if op in {"before", "after"}:
        return value is not None and ((value < _moment(wanted)) is (op == "before"))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and bool(_compare(op, value, wanted))


def _moment(wanted: Any) -> datetime:
    if isinstance(wanted, dict):
        return clock.now() - timedelta(days=wanted["days_ago"])
    return datetime.fromisoformat(wanted if "T" in wanted else f"{wanted}T00:00:00+00:00")


def _compare(op: str, one: Any, other: Any) -> Any:
    return {
        "eq": one == other,
        "ne": one != other,
        "gt": one > other,
        "gte": one >= other,
        "lt": one < other,
        "lte": one <= other,
    }[op]


def crowd() -> Crowd:
    """Ten contacts with values, types and holes that trip naive SQL."""
    acme = place()
    now = clock.now()
    firms = [
        factories.company(acme.place, "Berlin", employee_count=5),
        factories.company(acme.place, "x", employee_count=None),
    ]
    facts: list[dict[str, Any]] = [
        {"city": "Berlin", "properties": {"plan": "BERLIN", "seats": 5}, "email_consent": True},
        {"city": "berlin", "properties": {"plan": 5, "seats": 5.0}, "lifecyclestage": "lead"},
        {"city": "Ärzte", "properties": {"plan": True}, "email_consent": False},
        {"city": "ärzte", "properties": {"plan": "5"}, "company": firms[0]},
        {"jobtitle": "a%b", "properties": {"plan": None}, "lifecyclestage": "customer"},
        {"jobtitle": "a_b", "properties": {"plan": ""}, "company": firms[1]},
        {"jobtitle": "5", "properties": {"plan": 7.5, "seats": "x"}, "is_enriched": True},
        {"city": "true", "properties": {"plan": "true"}, "first_seen_at": now - timedelta(days=3)},
        {"first_seen_at": now - timedelta(days=20), "lifecyclestage": "lead"},
    ]
    people = [acme.ana] + [
        factories.contact(acme.place, f"p{number}@x.example", **one)
        for number, one in enumerate(facts)
    ]
    people[0].created_at = now - timedelta(days=10)
    people[0].save()
    events = [
        _event(acme, people[who], name, days, **more)
        for who, name, days, more in (
            (0, "page_view", 0, {"path": "/pricing"}),
            (0, "page_view", 3, {"path": "/Pricing/x"}),
            (0, "page_view", 20, {"path": "/pricing", "is_bot": True}),
            (1, "page_view", 3, {"path": "/"}),
            (2, "form_submit", 0, {"data": {"form": "BERLIN"}}),
            (2, "form_submit", 40, {"data": {"form": 5}}),
            (3, "form_submit", 3, {"data": {}}),
        )
    ]
    _event(place("Globex"), None, "page_view", 0, path="/pricing")
    letters = {str(people[4].pk): [now - timedelta(days=3)]}
    for who, moments in letters.items():
        _emails(acme, who, moments)
    segment = Segment.objects.create(
        workspace=acme.place, name="Some", filter={}, created_at=now, updated_at=now
    )
    inside = {str(people[1].pk), str(people[5].pk)}
    for key in inside:
        SegmentMember.objects.create(workspace=acme.place, segment=segment, contact_id=key)
    return Crowd(acme, people, events, letters, inside, str(segment.pk))


def _event(acme: Place, who: Contact | None, name: str, days: int, **more: Any) -> Event:
    moment = clock.now() - timedelta(days=days, hours=1)
    return acme.happens(name, at=moment, contact=who, **more)


def _emails(acme: Place, who: str, moments: list[datetime]) -> None:
    thread = Thread.objects.create(
        workspace=acme.place,
        contact_id=who,
        source="imap",
        external_id=who,
        last_message_at=moments[0],
        created_at=moments[0],
    )
    for number, moment in enumerate(moments):
        Message.objects.create(
            workspace=acme.place,
            thread=thread,
            external_id=str(number),
            direction="out",
            from_address="mia@acme.example",
            sent_at=moment,
            created_at=moment,
        )
