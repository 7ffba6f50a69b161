"""Storing events a server reports."""

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.access import Role, Scope
from core.errors import Forbidden, InsufficientScope, ValidationFailed
from core.ids import decode
from crm.events.client import client_of
from crm.events.page import page_of, referring_domain
from crm.models import Event, EventKey, Visitor
from crm.tasks import clean_up_event_keys
from tests import factories
from tests.crm.happenings import Place, place

pytestmark = pytest.mark.django_db

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36"
)


@pytest.fixture
def acme() -> Place:
    return place()


def store(acme: Place, *events: dict[str, Any]) -> dict[str, Any]:
    """Ingest the events; the result of the answer."""
    answer = acme.ask("event.ingest", events=list(events))
    assert answer["status"] == "executed"
    result: dict[str, Any] = answer["result"]
    return result


def test_an_event_is_stored_with_what_follows_from_it(acme: Place) -> None:
    umbrella = factories.company(acme.place)
    acme.ana.company = umbrella
    acme.ana.save()

    result = store(
        acme,
        {
            "event": "page_view",
            "contact_id": str(acme.ana.pk),
            "url": "https://WWW.acme.example/pricing?utm_source=news&utm_medium=mail&utm_campaign=x",
            "referrer": "https://news.bbc.co.uk/story",
            "user_agent": CHROME,
            "data": {"seconds": 12, "logged_in": True},
        },
    )

    assert (result["stored"], result["duplicates"]) == (1, 0)
    event = Event.objects.get(pk=result["events"][0]["event_id"])
    assert (event.contact_id, event.company_id) == (acme.ana.pk, umbrella.pk)
    assert (event.domain, event.path) == ("www.acme.example", "/pricing")
    assert (event.utm_source, event.utm_medium, event.utm_campaign) == ("news", "mail", "x")
    assert event.referring_domain == "bbc.co.uk"
    assert (event.browser, event.os, event.device_type) == ("Chrome", "Windows", "Desktop")
    assert event.is_bot is False
    assert event.data == {"browser_version": "130", "seconds": 12, "logged_in": True}


def test_the_id_sorts_by_when_the_event_happened(acme: Place) -> None:
    earlier = clock.iso(clock.now() - timedelta(days=2))

    result = store(acme, {"event": "now"}, {"event": "earlier", "timestamp": earlier})

    now_id, earlier_id = (event["event_id"] for event in result["events"])
    assert earlier_id < now_id
    stored = decode("evt", earlier_id)
    assert stored is not None
    assert stored.version == 7


def test_a_time_in_the_future_becomes_now_and_an_old_one_is_kept_and_late(acme: Place) -> None:
    before = clock.now()
    future = clock.iso(before + timedelta(days=3))
    old = (before - timedelta(days=90)).replace(microsecond=0)

    result = store(
        acme,
        {"event": "future", "timestamp": future},
        {"event": "old", "timestamp": clock.iso(old)},
    )

    ids = [event["event_id"] for event in result["events"]]
    assert before <= Event.objects.get(pk=ids[0]).timestamp <= clock.now()
    assert Event.objects.get(pk=ids[1]).timestamp == old
    assert acme.ask("event.get", event_id=ids[1])["event"]["late"] is True


def test_a_repeated_event_is_stored_once_and_answered_with_its_first_id(acme: Place) -> None:
    first = store(acme, {"event": "signup", "event_id": "a"})

    again = store(
        acme,
        {"event": "signup", "event_id": "a"},
        {"event": "signup", "event_id": "b"},
        {"event": "signup", "event_id": "b"},
    )

    assert (again["stored"], again["duplicates"]) == (1, 2)
    assert again["events"][0] == {**first["events"][0], "duplicate": True}
    assert again["events"][1]["event_id"] == again["events"][2]["event_id"]
    assert Event.objects.count() == 2


def test_another_workspace_may_use_the_same_event_ids(acme: Place) -> None:
    globex = place("Globex")
    store(acme, {"event": "signup", "event_id": "a"})

    assert store(globex, {"event": "signup", "event_id": "a"})["stored"] == 1


def test_a_clients_ids_are_forgotten_after_35_days(acme: Place) -> None:
    store(acme, {"event": "signup", "event_id": "a"}, {"event": "signup", "event_id": "b"})
    EventKey.objects.filter(source_key="a").update(created_at=clock.now() - timedelta(days=36))

    assert clean_up_event_keys() == 1

    assert list(EventKey.objects.values_list("source_key", flat=True)) == ["b"]


def test_an_unknown_foreign_or_deleted_contact_becomes_nobody(acme: Place) -> None:
    globex = place("Globex")
    gone = factories.contact(acme.place, "gone@acme.example", deleted_at=clock.now())

    store(
        acme,
        {"event": "a", "contact_id": str(globex.ana.pk)},
        {"event": "b", "contact_id": str(gone.pk)},
        {"event": "c", "contact_id": "nonsense"},
    )

    assert list(Event.objects.values_list("contact", flat=True)) == [None] * 3


def test_a_known_visitor_is_the_contact(acme: Place) -> None:
    Visitor.objects.create(
        workspace=acme.place, contact=acme.ana, visitor_id="vis_1", created_at=clock.now()
    )

    store(acme, {"event": "a", "visitor_id": "vis_1"}, {"event": "b", "visitor_id": "vis_2"})

    assert dict(Event.objects.values_list("event", "contact")) == {"a": acme.ana.pk, "b": None}


def test_what_was_ingested_is_counted_at_once(acme: Place) -> None:
    acme.refresh()
    store(acme, {"event": "signup"}, {"event": "signup"})

    assert acme.ask("event.stats", event_type="signup")["total_events"] == 2


def test_ingest_needs_its_scope_and_a_member(acme: Place) -> None:
    vic = factories.app(factories.member(acme.place, "Vic", Role.VIEWER))
    reading = factories.app(acme.mia, scopes=frozenset({Scope.EVENTS_READ}))

    with pytest.raises(InsufficientScope, match="events:write"):
        acme.ask("event.ingest", actor=reading, events=[{"event": "a"}])
    with pytest.raises((Forbidden, InsufficientScope)):
        acme.ask("event.ingest", actor=vic, events=[{"event": "a"}])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "events.0.event"),
        ({"event": ""}, "events.0.event"),
        ({"event": "x" * 65}, "events.0.event"),
        ({"event": "a\nb"}, "events.0.event"),
        ({"event": "a", "nonsense": 1}, "events.0.nonsense"),
        ({"event": "a", "url": "\x00"}, "events.0.url"),
        ({"event": "a", "timestamp": "soon"}, "events.0.timestamp"),
        ({"event": "a", "data": {"a": "x" * 8192}}, "events.0.data"),
        ({"event": "a", "data": {"a": "\ud800"}}, "events.0.data"),
        ({"event": "a", "data": {"a\x00": 1}}, "events.0.data"),
        ({"event": "a", "data": {"a": float("nan")}}, "events.0.data"),
        ({"event": "a", "data": {"a": int("9" * 4000)}}, "events.0.data"),
        ({"event": "a", "data": {str(n): n for n in range(51)}}, "events.0.data"),
    ],
)
def test_bad_events_are_named_and_nothing_is_stored(
    acme: Place, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        acme.ask("event.ingest", events=[wrong])
    assert (refusal.value.field or "").startswith(field)
    assert not Event.objects.exists()


def test_more_than_a_hundred_events_are_refused(acme: Place) -> None:
    with pytest.raises(ValidationFailed):
        acme.ask("event.ingest", events=[{"event": "a"}] * 101)


@pytest.mark.parametrize(
    ("user_agent", "browser", "os", "device_type", "is_bot"),
    [
        (CHROME, "Chrome", "Windows", "Desktop", False),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari",
            "iOS",
            "Mobile",
            False,
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
            "Safari",
            "iPadOS",
            "Tablet",
            False,
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/130.0.0.0 Mobile Safari/537.36",
            "Chrome",
            "Android",
            "Mobile",
            False,
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; SM-X900) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/120.0.0.0 Safari/537.36",
            "Chrome",
            "Android",
            "Tablet",
            False,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox",
            "macOS",
            "Desktop",
            False,
        ),
        (
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Googlebot",
            "",
            "Desktop",
            True,
        ),
        ("", "", "", "", False),
    ],
)
def test_a_user_agent_tells_browser_system_device_and_bot(
    user_agent: str, browser: str, os: str, device_type: str, is_bot: bool
) -> None:
    found = client_of(user_agent)

    assert (found.browser, found.os, found.device_type, found.is_bot) == (
        browser,
        os,
        device_type,
        is_bot,
    )


@pytest.mark.parametrize(
    "user_agent",
    [
        "curl/8.5.0",
        "python-requests/2.32",
        CHROME.replace("Chrome/", "HeadlessChrome/"),
        "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    ],
)
def test_programs_are_bots(user_agent: str) -> None:
    assert client_of(user_agent).is_bot


@pytest.mark.parametrize(
    ("url", "referrer", "domain"),
    [
        ("https://acme.example/", "https://news.google.co.uk/x", "google.co.uk"),
        ("https://acme.example/", "https://acme.github.io/", "github.io"),
        ("https://acme.example/", "http://localhost:8000/", "localhost"),
        ("https://acme.example/", "", "direct"),
        ("https://acme.example/", "javascript:alert(1)", "direct"),
        ("https://acme.example/", "https://[::1", "direct"),
        ("", "", ""),
    ],
)
def test_the_referring_domain_is_the_registrable_one(url: str, referrer: str, domain: str) -> None:
    assert referring_domain(url, referrer) == domain


@pytest.mark.parametrize("url", ["", "mailto:a@b.example", "https://[::1", "///", "x" * 2000])
def test_what_is_no_page_has_no_parts(url: str) -> None:
    assert page_of(url).domain == ""
