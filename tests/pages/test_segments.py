"""The pages of segments, without JavaScript."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core import clock
from core.access import Role
from crm import filters
from crm.filters import builder_form
from crm.models import Segment
from tests import factories
from tests.pages.conftest import Browser, Team

LEADS = {"field": "lifecyclestage", "op": "eq", "value": "lead"}
TOKEN = re.compile(r"[0-9A-Za-z]{64}")  # differs each time
MISSING = "seg_01jd0000000000000000000000"
FORM = {
    "name": "Leads",
    "g0-match": "all",
    "g0-r0-kind": "field",
    "g0-r0-field": "lifecyclestage",
    "g0-r0-op": "eq",
    "g0-r0-value": "lead",
}


@pytest.fixture
def rex(team: Team, browser_of: Browser) -> Client:
    factories.contact(team.place, "lea@x.example", name="Lea Lind", lifecyclestage="lead")
    return browser_of(team.rex)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return str(answer.content.decode())


def test_a_segment_is_built_row_by_row_and_saved(rex: Client) -> None:
    page = text_of(rex.get("/segments/new/"))
    assert 'name="g0-r0-field"' in page
    more = text_of(rex.post("/segments/new/", {**FORM, "do": "add:0:event"}))
    assert 'name="g0-r1-event"' in more
    assert 'value="lead"' in more
    assert not Segment.objects.exists()

    answer = rex.post(
        "/segments/new/",
        {
            **FORM,
            "g0-r1-kind": "contacted",
            "g0-r1-days": "14",
            "g1-match": "any",
            "g1-r0-kind": "event",
            "g1-r0-event": "page_view",
            "g1-r0-count": "0",
            "g1-r0-count_op": "eq",
            "g1-r0-where": "path",
            "g1-r0-where_op": "contains",
            "g1-r0-where_value": "pricing",
            "g1-r0-days": "7",
        },
    )

    made = Segment.objects.get()
    assert answer.headers["Location"] == f"/segments/{made.pk}/"
    assert made.filter == {
        "all": [
            {"all": [LEADS, {"not_contacted_days": 14}]},
            {
                "event": "page_view",
                "where": [{"field": "path", "op": "contains", "value": "pricing"}],
                "count": {"op": "eq", "value": 0},
                "within_days": 7,
            },
        ]
    }
    members = text_of(rex.get(answer.headers["Location"]))
    assert "Lea Lind" in members
    assert "not contacted in 14 days" in members
    assert "Leads" in text_of(rex.get("/segments/"))
    edited = text_of(rex.get(f"/segments/{made.pk}/edit/"))
    assert 'name="g1-r0-where_value" value="pricing"' in edited


@pytest.mark.parametrize(
    ("do", "names", "gone"),
    [
        ("add:0:contacted", ["g0-r1-days"], []),
        ("add-group", ["g1-match", "g1-r0-field"], []),
        ("drop:0:0", ["g0-match"], ["g0-r0-field"]),
        ("drop-group:0", [], ["g0-match"]),
        ("text", ["text"], ["g0-match"]),
        ("add:0:nonsense", ["g0-r0-field"], ["g0-r1"]),
        ("add:9:field", ["g0-r0-field"], ["g0-r1"]),
        ("drop:0:99999999999", ["g0-r0-field"], []),
        ("drop:x:y:z", ["g0-r0-field"], []),
        ("", ["g0-r0-field"], []),
    ],
)
def test_a_button_changes_the_form_and_saves_nothing(
    rex: Client, do: str, names: list[str], gone: list[str]
) -> None:
    page = text_of(rex.post("/segments/new/", {**FORM, "do": do}))

    assert all(f'name="{name}' in page for name in names)
    assert not any(f'name="{name}' in page for name in gone)
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"g0-r0-value": "custmer"}, "Did you mean customer?"),
        ({"g0-r0-op": "gt"}, "can&#x27;t be compared this way"),
        ({"g0-r0-field": "properties.X"}, "There is no such field"),
        ({"g0-r0-kind": "contacted", "g0-r0-days": "soon"}, "Must be a whole number"),
        ({"g0-r0-kind": "contacted", "g0-r0-days": "9" * 4000}, "Must be a whole number"),
        ({"g0-r0-kind": "event", "g0-r0-event": ""}, "at least 1 character"),
        ({"g0-r0-kind": "segment", "g0-r0-segment": MISSING}, "No segment with this id"),
        ({"g0-r0-kind": "other"}, "at least 1 item"),
        ({"name": ""}, "at least 1 character"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    rex: Client, changes: dict[str, str], words: str
) -> None:
    page = text_of(
        rex.post("/segments/new/", {**FORM, **changes}),
        404 if "segment" in words else 400,
    )

    assert words in page
    assert 'role="alert"' in page
    assert "filter.all" not in page.replace("filter.all: has", "")
    assert not Segment.objects.exists()


def test_a_filter_deeper_than_the_form_is_edited_as_json(rex: Client, team: Team) -> None:
    deep = {"not": {"any": [LEADS, {"not": {"all": [LEADS, {"not_contacted_days": 3}]}}]}}
    made = factories.segment(team.place, filter=deep)
    path = f"/segments/{made.pk}/edit/"

    page = text_of(rex.get(path))
    assert 'name="text"' in page
    refused = text_of(
        rex.post(path, {"name": "Deep", "mode": "text", "text": '{"al": []}', "do": "save"}), 400
    )
    assert "Did you mean all?" in refused
    broken = text_of(
        rex.post(path, {"name": "Deep", "mode": "text", "text": "{", "do": "rows"}), 200
    )
    assert "not valid JSON" in broken
    as_form = {"name": "X", "mode": "text", "text": '{"not_contacted_days": 3}', "do": "rows"}
    assert 'name="g0-r0-days" value="3"' in text_of(rex.post(path, as_form))
    assert "is too deep for the form" in text_of(
        rex.post(path, {**as_form, "text": '{"not": {"not_contacted_days": 3}}'})
    )
    rex.post(path, {"name": "Deep", "mode": "text", "text": '{"not": {"not_contacted_days": 3}}'})
    made.refresh_from_db()
    assert made.filter == {"not": {"not_contacted_days": 3}}


@pytest.mark.parametrize(
    "data",
    [
        LEADS,
        {"all": [LEADS, {"not_contacted_days": 3}]},
        {"any": [{"all": [LEADS, LEADS]}, LEADS]},
        {"all": [{"not": {"segment_id": MISSING}}, {"segment_id": MISSING}]},
        {"field": "created_at", "op": "after", "value": {"days_ago": 7}},
        {"field": "properties.seats", "op": "in", "value": [1, "x", True]},
        {"field": "city", "op": "is_not_set"},
        {"event": "page_view", "where": [{"field": "is_bot", "op": "eq", "value": True}]},
    ],
)
def test_what_a_form_shows_is_the_filter_it_gives_back(data: Any) -> None:
    builder = builder_form.of_filter(filters.parse(data))

    assert builder is not None
    assert builder.data() == data


@pytest.mark.parametrize(
    "data",
    [
        {"not": LEADS},
        {"all": [{"any": [{"all": [LEADS, LEADS]}, LEADS]}, LEADS]},
        {"field": "properties.seats", "op": "eq", "value": "5"},
        {"field": "city", "op": "in", "value": ["a, b"]},
        {"event": "a", "where": [{"field": "path", "op": "is_set"}] * 2},
    ],
)
def test_what_a_form_would_change_is_not_shown_as_one(data: Any) -> None:
    assert builder_form.of_filter(filters.parse(data)) is None


def test_a_preview_shows_how_many_and_who(rex: Client) -> None:
    found = text_of(rex.post("/segments/preview/", FORM))
    wrong = text_of(rex.post("/segments/preview/", {**FORM, "g0-r0-value": "x"}))

    assert "Lea Lind" in found
    assert "<html" not in found
    assert "Condition 1: Lifecycle stage is not one of the valid values" in wrong


def test_reviewers_save_admins_delete_and_the_others_look(team: Team, browser_of: Browser) -> None:
    made = factories.segment(team.place)
    for member, saves, deletes in (
        (team.vic, False, False),
        (team.mia, False, False),
        (team.rex, True, False),
        (team.alice, True, True),
    ):
        client = browser_of(member)
        page = text_of(client.get(f"/segments/{made.pk}/"))
        assert ("/edit/" in page) is saves
        assert ("/delete/" in page) is deletes
        saved = client.post("/segments/new/", {**FORM, "name": f"By {member.user.name}"})
        assert saved.status_code == (302 if saves else 403)
        asked = text_of(client.get(f"/segments/{made.pk}/delete/"))
        assert "Delete segment" in asked
        gone = client.post(f"/segments/{made.pk}/delete/")
        assert gone.status_code == (302 if deletes else 403)
    assert Segment.objects.get(pk=made.pk).deleted_at is not None


def test_an_admin_brings_a_deleted_segment_back(team: Team, browser_of: Browser) -> None:
    made = factories.segment(team.place, "Leads")
    admin = browser_of(team.alice)
    admin.post(f"/segments/{made.pk}/delete/")

    assert "Restore Leads" in text_of(admin.get("/segments/deleted/"))
    assert admin.post(f"/segments/{made.pk}/restore/").status_code == 302

    assert Segment.objects.get(pk=made.pk).deleted_at is None
    assert "Restore Leads" not in text_of(admin.get("/segments/deleted/"))


def test_what_can_not_come_back_stays_and_says_why(team: Team, browser_of: Browser) -> None:
    made, old = (factories.segment(team.place, name) for name in ("Leads", "Old"))
    Segment.objects.filter(pk=made.pk).update(deleted_at=clock.now())
    Segment.objects.filter(pk=old.pk).update(deleted_at=clock.now() - timedelta(days=31))
    factories.segment(team.place, "Leads")
    admin = browser_of(team.alice)

    page = text_of(admin.post(f"/segments/{made.pk}/restore/"), 409)
    assert "Another segment already has this name." in page
    assert "Restore Leads" in page
    assert "Restore Old" not in page
    assert admin.post(f"/segments/{old.pk}/restore/").status_code == 404
    assert Segment.objects.filter(deleted_at=None).count() == 1


def test_only_admins_of_the_workspace_see_and_restore_deleted_ones(
    team: Team, browser_of: Browser
) -> None:
    made = factories.segment(team.place, "Leads")
    Segment.objects.filter(pk=made.pk).update(deleted_at=clock.now())
    for member in (team.vic, team.mia, team.rex):
        client = browser_of(member)
        assert client.get("/segments/deleted/").status_code == 403
        assert client.post(f"/segments/{made.pk}/restore/").status_code == 403
        assert "/segments/deleted/" not in text_of(client.get("/segments/"))
    stranger = browser_of(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))
    assert "Leads" not in text_of(stranger.get("/segments/deleted/"))
    assert stranger.post(f"/segments/{made.pk}/restore/").status_code == 404
    assert Segment.objects.get(pk=made.pk).deleted_at is not None


def test_one_that_another_is_defined_by_is_not_deleted(team: Team, browser_of: Browser) -> None:
    made = factories.segment(team.place)
    factories.segment(team.place, "Other", filter={"segment_id": str(made.pk)})

    page = text_of(browser_of(team.alice).post(f"/segments/{made.pk}/delete/"), 409)

    assert "Another segment uses this one." in page


def test_a_foreign_segment_and_a_missing_one_are_the_same_page(
    team: Team, browser_of: Browser
) -> None:
    made = factories.segment(team.place)
    gil = browser_of(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))
    for path in ("", "edit/", "delete/"):
        pages = [
            TOKEN.sub("", text_of(gil.get(f"/segments/{key}/{path}"), 404))
            for key in (made.pk, MISSING, "x")
        ]
        assert len(set(pages)) == 1
        text_of(browser_of(team.alice).get(f"/segments/{made.pk}/{path}"))
    assert "Everybody" not in text_of(gil.get("/segments/"))


def test_names_and_values_are_text(rex: Client, team: Team) -> None:
    evil = "<script>alert(1)</script>"
    factories.contact(team.place, "eve@x.example", name=f"{evil} X", lifecyclestage="lead")
    made = factories.segment(
        team.place, evil, filter={"field": "city", "op": "eq", "value": evil}, description=evil
    )

    pages = [
        text_of(rex.get("/segments/")),
        text_of(rex.get(f"/segments/{made.pk}/")),
        text_of(rex.get(f"/segments/{made.pk}/edit/")),
        text_of(rex.post("/segments/preview/", FORM)),
        text_of(rex.post("/segments/new/", {**FORM, "name": evil, "g0-r0-value": evil}), 400),
    ]

    assert all("alert(1)" in page and evil not in page for page in pages)


def test_the_list_and_members_have_pages(rex: Client, team: Team) -> None:
    people = [factories.contact(team.place, f"p{n}@x.example") for n in range(51)]
    made = factories.segment(team.place, members=people)

    first = text_of(rex.get(f"/segments/{made.pk}/"))

    assert "Page 1 of 2" in first
    assert 'href="?page=2"' in first
    assert "Page 2 of 2" in text_of(rex.get(f"/segments/{made.pk}/?page=2"))
    for wrong in ("0", "x", "-1", "9" * 400):
        text_of(rex.get(f"/segments/?page={wrong}"), 400)
