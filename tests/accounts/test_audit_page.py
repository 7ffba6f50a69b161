"""Settings, Audit log: for admins, filtered, copied without formulas, checked."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import AsyncClient, Client

from accounts.models import Membership, Notice
from accounts.services import audit_trail
from core import audit, audit_log, chain, clock, seals
from core.access import Role
from core.models import AuditEntry
from tests import factories
from tests.core.test_chain import guards_lifted, raw, sql

pytestmark = pytest.mark.django_db
PAGE = "/settings/audit/"
COPY = "/settings/audit/export/"


@pytest.fixture
def alice() -> Membership:
    return factories.member(factories.workspace(), "Alice", Role.ADMIN)


def browser(membership: Membership, *, fresh: bool = False) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    if fresh:
        client.post("/settings/password/", {"password": factories.PASSWORD})
    return client


def written(membership: Membership, *verbs: str, **facts: Any) -> list[AuditEntry]:
    actor = factories.person(membership)
    entries = [audit.record(actor, verb, **facts) for verb in verbs]
    seals.seal_waiting()
    return entries


def copied(client: Client, form: str = "csv", **wanted: str) -> str:
    answer: Any = client.post(COPY, {"format": form, **wanted})
    assert answer.status_code == 200, answer.headers
    return b"".join(answer.streaming_content).decode()


def test_admins_see_the_rows_of_their_workspace_and_nobody_else_any(alice: Membership) -> None:
    written(alice, "test.seen")
    gil = factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN)
    written(gil, "test.elsewhere")

    page = browser(alice).get(PAGE).content.decode()
    assert "test.seen" in page
    assert "test.elsewhere" not in page
    assert "test.elsewhere" in browser(gil).get(PAGE).content.decode()
    for role in (Role.VIEWER, Role.MEMBER, Role.REVIEWER):
        other = factories.member(alice.workspace, f"Bob{role}", role)
        client = browser(other)
        assert client.get(PAGE).status_code == 403
        assert client.post(COPY, {"format": "csv"}).status_code == 403
        assert client.post(f"{PAGE}verify/").status_code == 403
        assert "Audit log" not in client.get("/settings/members/").content.decode()


def test_filters_find_by_who_verb_object_and_day(alice: Membership) -> None:
    rex = factories.member(alice.workspace, "Rex", Role.REVIEWER)
    written(alice, "test.mine", object_ids={"contact_id": "ct_1", "note_id": "note_9"})
    written(rex, "test.other", object_ids={"contact_id": "ct_10"})
    client = browser(alice)
    today = f"{clock.now():%Y-%m-%d}"

    def shown(**wanted: str) -> set[str]:
        page = client.get(PAGE, wanted).content.decode()
        return {verb for verb in ("test.mine", "test.other") if f">{verb}<" in page}

    assert shown() == {"test.mine", "test.other"}
    assert shown(who="rex") == {"test.other"}
    assert shown(verb="MINE") == {"test.mine"}
    assert shown(object_id="ct_1") == {"test.mine"}
    assert shown(object_id="note_9") == {"test.mine"}
    assert shown(since=today, until=today) == {"test.mine", "test.other"}
    assert shown(until="2020-01-01") == set()
    assert shown(since="2999-01-01") == set()


@pytest.mark.parametrize(
    "wanted",
    [
        {"since": "yesterday"},
        {"until": "2026-02-31"},
        {"who": "a" * 101},
        {"who": "\0"},
        {"page": "-1"},
        {"page": "nine"},
        {"object_id": '"%_\\'},
    ],
)
def test_a_faulty_filter_is_a_page_and_copies_nothing(
    alice: Membership, wanted: dict[str, str]
) -> None:
    client = browser(alice)

    assert client.get(PAGE, wanted).status_code == 200
    if "page" not in wanted and "object_id" not in wanted:
        assert client.post(COPY, {"format": "csv", **wanted}).status_code == 302
        assert not AuditEntry.objects.filter(verb="core.audit.exported").exists()


def test_an_unknown_format_is_refused(alice: Membership) -> None:
    assert browser(alice).post(COPY, {"format": "xls"}).status_code == 400


def test_pages_hold_fifty_rows(alice: Membership) -> None:
    written(alice, *[f"test.v{number:03}" for number in range(60)])
    client = browser(alice)

    first, second = (client.get(PAGE, {"page": page}).content.decode() for page in (1, 2))
    assert "test.v059" in first
    assert "test.v009" not in first
    assert "test.v009" in second
    assert "Page 2 of 2" in second


def test_no_cell_of_a_copy_is_a_formula(alice: Membership) -> None:
    actor = factories.person(alice)
    names = ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "＝1", "plain, with a comma"]
    for name in names:
        alice.user.name = name
        alice.user.save()
        fresh = Membership.objects.get(pk=alice.pk)
        audit.record(factories.person(fresh), "test.formula")
    assert actor

    rows = list(csv.DictReader(io.StringIO(copied(browser(alice), verb="test.formula"))))

    assert [row["who"] for row in rows] == [
        name if name.startswith("plain") else f"'{name}" for name in names
    ]


def test_a_copy_as_json_lines_verifies_without_the_database(alice: Membership) -> None:
    entries = written(alice, "test.one", "test.two", object_ids={"a_id": "x"}, fields=["f"])

    lines = [json.loads(line) for line in copied(browser(alice), "jsonl").splitlines()]

    assert [line["entry_id"] for line in lines] == [entry.pk for entry in entries]
    assert [line["number"] for line in lines] == [1, 2]
    assert lines[1]["previous"] == lines[0]["digest"]
    assert lines[1]["digest"] == chain.verify(str(alice.workspace_id)).head
    assert lines[0]["objects"] == {"a_id": "x"}


def test_taking_a_copy_is_itself_a_row(alice: Membership) -> None:
    copied(browser(alice))

    entry = AuditEntry.objects.get(verb="core.audit.exported")
    assert (entry.user_id, entry.fields) == (str(alice.user_id), ["csv"])


def test_a_copy_of_more_than_200_rows_needs_the_password_and_tells_all_admins(
    alice: Membership,
) -> None:
    other = factories.member(alice.workspace, "Olga", Role.ADMIN)
    written(alice, *["test.many"] * 201)
    client = browser(alice)

    answer = client.post(COPY, {"format": "csv", "verb": "test.many"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/settings/password/?next=")
    assert not AuditEntry.objects.filter(verb="core.audit.exported").exists()
    assert copied(client, who="nobody").count("\n") == 1  # a small one needs none
    assert not Notice.objects.exists()

    assert copied(browser(alice, fresh=True), verb="test.many").count("\n") == 202
    told = Notice.objects.values_list("user_id", "kind")
    assert sorted(told) == sorted([(alice.user_id, "access"), (other.user_id, "access")])


def test_a_copy_reads_in_batches(alice: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "_BATCH", 7)
    written(alice, *["test.many"] * 30)

    parts = audit_log.as_csv(audit_log.rows(str(alice.workspace_id), audit_log.AuditFilter()))

    assert isinstance(parts, Iterator)
    numbers = [line.split(",")[0] for line in parts][1:]
    assert numbers == [str(number) for number in range(1, 31)]


@pytest.mark.django_db(transaction=True)
def test_under_asgi_a_copy_leaves_in_parts(alice: Membership) -> None:
    written(alice, "test.one", "test.two")
    client = AsyncClient(headers={"host": "127.0.0.1"})
    client.force_login(alice.user)

    async def lines() -> list[str]:
        answer: Any = await client.post(COPY, {"format": "jsonl"})
        return [part.decode() async for part in answer.streaming_content]

    assert [json.loads(line)["verb"] for line in asyncio.run(lines())] == ["test.one", "test.two"]


def test_the_page_says_whether_the_chain_is_whole(alice: Membership) -> None:
    entries = written(alice, "test.one", "test.two")
    client = browser(alice)
    assert "Not checked yet" in client.get(PAGE).content.decode()

    page = client.post(f"{PAGE}verify/", follow=True).content.decode()
    assert "The chain is intact: no row was changed, removed or moved." in page
    assert "<strong>Intact</strong>" in page

    with guards_lifted():
        sql("DELETE FROM core_auditentry WHERE id = %s", raw(entries[0].pk))
    page = client.post(f"{PAGE}verify/", follow=True).content.decode()
    assert f"Row 1 of the chain, {entries[0].pk}, was deleted." in page


def test_a_very_long_chain_is_left_to_the_night(
    alice: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(alice, "test.one", "test.two")
    monkeypatch.setattr(audit_trail, "CHECKED_AT_ONCE", 1)

    page = browser(alice).post(f"{PAGE}verify/", follow=True).content.decode()

    assert "checked every night" in page


def test_the_nightly_check_tells_the_admins_once_a_day(alice: Membership) -> None:
    factories.member(alice.workspace, "Mia", Role.MEMBER)
    entries = written(alice, "test.one")
    assert audit_trail.check_all() == 0
    with guards_lifted():
        sql("DELETE FROM core_auditentry WHERE id = %s", raw(entries[0].pk))

    assert [audit_trail.check_all() for _ in range(2)] == [1, 1]

    assert [notice.user_id for notice in Notice.objects.all()] == [alice.user_id]
    with time_machine.travel(clock.now() + timedelta(days=1)):
        audit_trail.check_all()
    assert Notice.objects.count() == 2
