"""Every route of the URL conf: its headers, its form's token, and ids of another workspace."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts.models import ApiKey, Invitation, Membership
from agents.models import AllowedProvider
from approvals.models import Suppression
from approvals.policy import changes
from approvals.policy.schemas import Rule
from approvals.vocabulary import Ruling
from core import clock
from crm.models import Task
from identities.models import Channel, Mailbox
from oauth.models import Connection
from tests import factories
from tests.contract.test_urls import ALL
from tests.core import rows
from tests.scenario import Scenario, counts, scenario_at

# Without a session to ride on: bearer tokens, keys, signed links and signatures are the right.
WITHOUT_A_TOKEN = {
    *("mcp", "mcp/", "oauth/token", "oauth/register", "oauth/revoke", "oauth/revoke/"),
    *("^(?:oauth/)?token/?$", "^(?:oauth/)?register/?$"),
    *("unsubscribe/<str:token>/", "webhooks/resend/<str:channel_id>/"),
    "webhooks/unipile/<str:login_id>/",
    *(".well-known/oauth-authorization-server", ".well-known/oauth-authorization-server/mcp"),
    *(".well-known/oauth-protected-resource", ".well-known/oauth-protected-resource/mcp"),
    "",  # POST there is the MCP endpoint, a GET sends to the login or the queue
}
LOOKED_AT = sorted(route for route in ALL if not route.startswith(("^", "admin/", "v1/^")))
PAGES = sorted(route for route in LOOKED_AT if not route.startswith("v1/"))
WITH_IDS = sorted(route for route in PAGES if re.search(r"<str:\w+_id>", route))
# The reader of the OpenAPI document, a vendored program, writes styles.
INLINE_STYLES = {"v1/docs", "v1/openapi.json"}
KEPT = {route for route in LOOKED_AT if route.startswith(".well-known/")} | {"oauth/client.json"}
# What is shown there is of one kind of connection; this test's is of another.
OTHER_KIND = {"settings/senders/channels/<str:channel_id>/webhook/"}
# Asked of the provider, whose address this test does not have; tests/identities has it.
LEAVES = {"settings/senders/<str:identity_id>/gmail/"}
# The signature is checked first, so a foreign id and an own one get the same answer.
SIGNED = {"webhooks/resend/<str:channel_id>/", "webhooks/unipile/<str:login_id>/"}


def a_path(route: str, **ids: str) -> str:
    """An address of the route, with `x` for missing ids."""
    return "/" + re.sub(r"<\w+:(\w+)>", lambda part: ids.get(part[1], "x"), route)


def logged_in(membership: Membership, **facts: Any) -> Client:
    """A browser with a fresh login."""
    client = Client(headers={"host": "127.0.0.1"}, **facts)
    client.force_login(membership.user)
    session = client.session
    session["authenticated_at"] = clock.now().timestamp()
    session.save()
    return client


@pytest.fixture
def here(db: None) -> Scenario:
    return scenario_at(factories.workspace())


def loose(answer: Any, route: str) -> list[str]:
    """The protections that an answer's headers lack."""
    policy = answer.headers["Content-Security-Policy"]
    styles = " 'unsafe-inline'" if route in INLINE_STYLES else ""
    wanted = {
        "frames": "frame-ancestors 'none'" in policy,
        "sources": "default-src 'none'" in policy and "base-uri 'none'" in policy,
        "scripts": "script-src 'self';" in f"{policy};",
        "styles": f"style-src 'self'{styles};" in f"{policy};",
        "old frames": answer.headers["X-Frame-Options"] == "DENY",
        "types": answer.headers["X-Content-Type-Options"] == "nosniff",
        "referrer": answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"},
        "caches": "no-store" in answer.headers["Cache-Control"] or route in KEPT,
    }
    return [name for name, is_so in wanted.items() if not is_so]


def test_every_answer_keeps_frames_foreign_code_and_caches_off(here: Scenario) -> None:
    browsers = {
        "in": logged_in(here.team.alice),
        "out": Client(headers={"host": "127.0.0.1"}),
    }
    ids = {"action_id": here.ids["act"], "agent_id": here.ids["ag"], "kind": "slack"}

    found = {
        f"{route} {who}": left
        for route in LOOKED_AT
        for who, browser in browsers.items()
        if (left := loose(browser.get(a_path(route, **ids)), route))
    }

    assert found == {}


def test_every_page_names_the_release_at_its_foot(here: Scenario) -> None:
    browser, foot = logged_in(here.team.alice), f"Pathbound {settings.VERSION}</footer>"
    ids = {"action_id": here.ids["act"], "agent_id": here.ids["ag"], "kind": "slack"}
    answers = {route: browser.get(a_path(route, **ids)) for route in PAGES}
    pages = {route: str(answer.content) for route, answer in answers.items() if _is_page(answer)}

    assert {"approvals/", "settings/", "settings/me/"} < set(pages)
    assert [route for route, page in pages.items() if page.count(foot) != 1] == []
    assert foot in Client(headers={"host": "127.0.0.1"}).get("/login/").content.decode()


def _is_page(answer: Any) -> bool:
    """Whether it is a whole document, not a part of one, a file or a stream."""
    return not answer.streaming and b"<!doctype html>" in answer.content


def test_exactly_the_listed_routes_take_a_post_without_a_token() -> None:
    exempt = {
        route
        for route, pattern in ALL.items()
        if getattr(pattern.callback, "csrf_exempt", False) and not route.startswith("v1/")
    }

    assert sorted(exempt) == sorted(WITHOUT_A_TOKEN)


@pytest.mark.parametrize("header", ["", "true"])
def test_every_other_post_without_its_token_is_refused(here: Scenario, header: str) -> None:
    """Also with htmx, and also from a dashboard page with another session's token."""
    browser = logged_in(here.team.alice, enforce_csrf_checks=True)
    more = {"hx-request": header} if header else {}
    before = counts()

    taken = {
        route: status
        for route in sorted(set(PAGES) - WITHOUT_A_TOKEN)
        for path in [a_path(route, action_id=here.ids["act"], agent_id=here.ids["ag"])]
        for status in [
            browser.post(path, headers=more).status_code,
            browser.post(path, {"csrfmiddlewaretoken": "A" * 64}, headers=more).status_code,
        ]
        if status != 403
    }

    assert taken == {}
    assert counts() == before


def ids_of(scenario: Scenario) -> dict[str, str]:
    """An id of the scenario for every parameter of a page."""
    place, owner = scenario.team.place, scenario.team.alice.user
    moment = clock.now()
    server = {"url": "https://127.0.0.1:9/mcp"}  # nothing listens there, and nothing connects
    channel = rows.make(Channel, place, kind="mcp", identity=None, settings=server)
    rule = Rule(id=changes.new_rule_id(), ruling=Ruling.QUEUE)
    changes.add_rule(factories.person(scenario.team.alice).with_fresh_login(), 0, rule)
    return {
        "action_id": scenario.ids["act"],
        "subject_id": scenario.ids["act"],
        "agent_id": scenario.ids["ag"],
        "run_id": scenario.ids["run"],
        "segment_id": scenario.ids["seg"],
        "identity_id": scenario.ids["id"],
        "job_id": scenario.ids["job"],
        "membership_id": str(scenario.team.mia.pk),
        "invitation_id": rows.make(Invitation, place, expires_at=moment.replace(year=2099)).pk,
        "key_id": rows.make(ApiKey, place, user=owner).pk,
        "connection_id": rows.make(Connection, place, user=owner).pk,
        "provider_id": rows.make(AllowedProvider, place).pk,
        "channel_id": channel.pk,
        "mailbox_id": str(Mailbox.objects.get(workspace=place).pk),
        "task_id": rows.make(Task, place, contact=scenario.team.ana).pk,
        "entry_id": rows.make(Suppression, place).pk,
        "rule_id": rule.id,
    }


def seen(answer: Any, *ids: str) -> tuple[int, str]:
    """Status and text of an answer, without what differs each time and the ids asked for."""
    text = answer.content.decode()
    for one in ids:
        text = text.replace(one, "ID")
    text = re.sub(r"[0-9A-Za-z]{64}", "TOKEN", text)
    return answer.status_code, text


def tries(browser: Client, route: str, ids: dict[str, str]) -> Iterator[tuple[int, str]]:
    """The answers to GET and POST, each rolled back."""
    path = a_path(route, **ids)
    for ask in (browser.get, browser.post):
        with transaction.atomic():
            yield seen(ask(path, follow=True), *ids.values())
            transaction.set_rollback(True)


def test_a_page_of_another_workspace_is_one_that_never_was(here: Scenario) -> None:
    there = scenario_at(factories.workspace("Globex"))
    own, foreign = ids_of(here), ids_of(there)
    absent = {
        name: re.sub(r"_[^_]*$", "_01jd0000000000000000000000", pk) for name, pk in own.items()
    }
    browser = logged_in(here.team.alice)
    before = counts()

    told, blind = [], []
    for route in sorted(set(WITH_IDS) - LEAVES - SIGNED):
        missing = list(tries(browser, route, absent))
        if list(tries(browser, route, foreign)) != missing:
            told.append(route)
        if list(tries(browser, route, own)) == missing:
            blind.append(route)

    assert told == []
    assert set(blind) <= OTHER_KIND  # one's own is something else: the comparison can fail
    assert counts() == before
