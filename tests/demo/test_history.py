"""The simulator's output, without a database."""

from collections import Counter
from datetime import timedelta

from crm.models import Event
from demo.crm import fill
from demo.crm.cast import CAST
from tests.demo.conftest import NOW, history, plan


def _facts(made: fill.History) -> list[tuple[object, ...]]:
    return [(e.pk, e.event, e.timestamp, e.path, e.contact_id, e.visitor_id) for e in made.events]


def test_the_numbers_asked_for_are_least_ones(made: fill.History) -> None:
    first_days = [e for e in made.events if e.timestamp < plan().midnight]

    assert len(made.companies) >= 60
    assert len(made.contacts) >= 300
    assert 6000 <= len(first_days) < 7000


def test_the_same_seed_makes_the_same_history(made: fill.History) -> None:
    again = history()

    assert _facts(again) == _facts(made)
    assert [c.email for c in again.contacts] == [c.email for c in made.contacts]


def test_another_seed_makes_another_history(made: fill.History) -> None:
    other = history("2:acme")

    assert {e.pk for e in other.events}.isdisjoint(e.pk for e in made.events)


def test_a_later_day_repeats_the_earlier_history_and_adds_to_it(made: fill.History) -> None:
    later = history(now=NOW + timedelta(days=2))

    added = _facts(later)[len(made.events) :]
    assert set(_facts(made)) <= set(_facts(later))
    assert len({moment.date() for _, _, moment, *_ in added}) >= 2  # type: ignore[attr-defined]


def test_looking_only_at_the_last_days_leaves_nothing_out(made: fill.History) -> None:
    now, since = NOW + timedelta(days=2), NOW
    whole = {e.pk for e in history(now=now).events}
    part = {e.pk for e in history(now=now, since=since).events}

    assert whole - {e.pk for e in made.events} <= part


def test_nothing_happens_in_the_future(made: fill.History) -> None:
    assert max(event.timestamp for event in made.events) <= NOW
    assert max(contact.created_at for contact in made.contacts) <= NOW


def test_ids_sort_like_the_events(made: fill.History) -> None:
    ids = [str(event.pk) for event in made.events]

    assert ids == sorted(ids) or _same_but_for_milliseconds(made.events)
    assert len(set(ids)) == len(ids)


def _same_but_for_milliseconds(events: list[Event]) -> bool:
    by_id = sorted(events, key=lambda event: str(event.pk))
    return all(
        abs(a.timestamp - b.timestamp) < timedelta(milliseconds=1)
        for a, b in zip(by_id, events, strict=True)
    )


def test_most_people_write_from_their_companys_domain(made: fill.History) -> None:
    domains = {str(company.pk): company.domain for company in made.companies}
    matching = [c for c in made.contacts if c.email.endswith(f"@{domains[str(c.company_id)]}")]

    assert len(matching) > 0.93 * len(made.contacts)


def test_every_address_is_one_that_nobody_has(made: fill.History) -> None:
    assert all(c.email.endswith((".example", ".test")) for c in made.contacts)
    assert all(c.domain.endswith((".example", ".test")) for c in made.companies)
    assert len({c.email for c in made.contacts}) == len(made.contacts)
    assert all(c.email.isascii() and c.email == c.email.lower() for c in made.contacts)


def test_prices_are_looked_at_before_a_demo_is_asked_for(made: fill.History) -> None:
    prices: dict[str, object] = {}
    asked = 0
    for event in made.events:
        if event.path == "/pricing" and event.contact_id:
            prices.setdefault(event.contact_id, event.timestamp)
        if event.data.get("form_id") == "demo_request":
            asked += 1
            assert event.contact_id in prices

    assert asked > 10


def test_visits_to_the_prices_rise_before_a_demo(made: fill.History) -> None:
    asked = {
        e.contact_id: e.timestamp for e in made.events if e.data.get("form_id") == "demo_request"
    }
    shares = {"early": [0, 0], "late": [0, 0]}
    for contact_id, moment in asked.items():
        before = [
            e for e in made.events
            if e.contact_id == contact_id and e.event == "page_view" and e.timestamp < moment
        ]  # fmt: skip
        middle = len(before) // 2
        for half, events in (("early", before[:middle]), ("late", before[middle:])):
            shares[half][0] += sum(e.path == "/pricing" for e in events)
            shares[half][1] += len(events)

    assert shares["late"][0] / shares["late"][1] > 1.5 * shares["early"][0] / shares["early"][1]


def test_who_came_by_a_form_keeps_the_visits_before_it(made: fill.History) -> None:
    by_form = {str(c.pk): c for c in made.contacts if c.creation_source == "form"}
    earlier = Counter(
        e.contact_id
        for e in made.events
        if e.contact_id in by_form and e.timestamp < by_form[e.contact_id].created_at
    )

    assert len(earlier) > 0.9 * len(by_form)
    assert all(c.first_seen_at and c.first_seen_at <= c.created_at for c in by_form.values())


def test_the_first_touch_stands_in_the_contact(made: fill.History) -> None:
    first: dict[object, Event] = {}
    for event in made.events:
        first.setdefault(event.contact_id, event)
    tagged = [c for c in made.contacts if c.properties.get("creation_utm_source")]

    assert tagged
    for contact in tagged:
        assert contact.properties["creation_utm_source"] == first[str(contact.pk)].utm_source


def test_about_four_in_a_hundred_events_are_bots(made: fill.History) -> None:
    bots = [event for event in made.events if event.is_bot]

    assert 0.03 < len(bots) / len(made.events) < 0.07
    assert all(event.contact_id is None for event in bots)
    assert "GPTBot" in {event.browser for event in bots}


def test_weekends_are_quiet_and_nights_more_so(made: fill.History) -> None:
    people = [event for event in made.events if not event.is_bot]
    weekend = [event for event in people if event.timestamp.weekday() >= 5]
    at_home = [e for e in people if e.country in {"Germany", "France", "Netherlands"}]
    night = [e for e in at_home if e.timestamp.hour < 5]

    assert len(weekend) / len(people) < 2 / 7 / 2
    assert len(night) / len(at_home) < 0.03


def test_referrers_and_tags_agree(made: fill.History) -> None:
    for event in made.events:
        if event.event != "page_view":
            continue
        assert event.referring_domain in {"direct", *event.referrer.split("/")}
        if event.utm_source:
            assert f"utm_source={event.utm_source}" in event.url


def test_the_planted_people_looked_at_the_prices_lately(made: fill.History) -> None:
    people = {contact.email: contact for contact in made.contacts}
    replied = people["aoife.brennan@bluegate.example"]
    unsubscribed = people["piotr.zielinski@polar-serwis.example"]
    customer = people["marcus.bell@medora-devices.example"]

    assert unsubscribed.email_consent is False
    assert customer.lifecyclestage == "customer"
    assert any(e.event == "email_reply" and e.contact_id == replied.pk for e in made.events)
    for contact in (replied, unsubscribed, customer):
        recent = [
            e for e in made.events
            if e.contact_id == contact.pk and e.path == "/pricing"
            and e.timestamp > NOW - timedelta(days=4)
        ]  # fmt: skip
        assert recent


def test_everybody_of_the_cast_appears(made: fill.History) -> None:
    assert {role.email for role in CAST} <= {contact.email for contact in made.contacts}
