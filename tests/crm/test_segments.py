"""Segments: who may make them, who is in them, and that this stays true."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from core import clock
from core.access import Scope
from core.errors import AppError, Conflict, Forbidden, InsufficientScope, NotFound, ValidationFailed
from crm.membership import recompute
from crm.models import Contact, DirtyContact, Segment, SegmentMember
from crm.tasks import refresh_segments, work_out_segments
from tests import factories
from tests.crm.team import Team, ask, team

__all__ = ["team"]
LEADS = {"field": "lifecyclestage", "op": "eq", "value": "lead"}
MISSING = "seg_01jd0000000000000000000000"


def make(team: Team, name: str = "Leads", data: Any = LEADS) -> dict[str, Any]:
    """The segment as the answer of making it shows it."""
    made = ask(team.reviewer, "crm.segment.create", name=name, filter=data)
    found: dict[str, Any] = made["result"]["segment"]
    return found


def members(team: Team, segment: dict[str, Any]) -> list[str]:
    """Mailbox names of who is in it, as stored."""
    answer = ask(
        team.reviewer, "crm.segment.members", segment_id=segment["segment_id"], fields="summary"
    )
    assert answer["pagination"]["total_items"] == len(answer["contacts"])
    return sorted(contact["email"].partition("@")[0] for contact in answer["contacts"])


def lead(team: Team, name: str = "ana", **facts: Any) -> Contact:
    return factories.contact(team.place, f"{name}@x.example", **{"lifecyclestage": "lead", **facts})


def test_a_new_segment_has_its_members_at_once(team: Team) -> None:
    lead(team)
    factories.contact(team.place, "bo@x.example")

    made = make(team)

    assert (made["contact_count"], made["stale"]) == (1, False)
    assert made["as_of"] is not None
    assert members(team, made) == ["ana"]
    listed = ask(team.reviewer, "crm.segment.list")
    assert [row["name"] for row in listed["segments"]] == ["Leads"]


def test_a_large_workspace_is_worked_out_behind_the_answer(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.services.segments.AT_ONCE", 1)
    monkeypatch.setattr("crm.membership.recompute.STRETCH", 2)
    for number in range(7):
        lead(team, f"p{number}")

    made = make(team)

    assert (made["contact_count"], made["stale"], made.get("as_of")) == (0, True, None)
    assert refresh_segments() == 7
    assert len(members(team, made)) == 7
    assert ask(team.reviewer, "crm.segment.get", segment_id=made["segment_id"])["segment"] == {
        **made,
        "stale": False,
        "contact_count": 7,
        "as_of": f"{Segment.objects.get().as_of:%Y-%m-%dT%H:%M:%S.%fZ}",
    }


def test_a_segment_that_is_not_here_or_elsewhere_is_missing(team: Team) -> None:
    made = make(team)
    gil = team.admin_elsewhere()
    calls: list[tuple[str, dict[str, Any]]] = [
        ("crm.segment.get", {}),
        ("crm.segment.members", {}),
        ("crm.segment.update", {"name": "X"}),
        ("crm.segment.delete", {}),
        ("crm.segment.restore", {}),
        ("crm.contact.list", {}),
    ]
    for name, more in calls:
        refusals = []
        for wrong in (made["segment_id"], MISSING, "nothing"):
            with pytest.raises(NotFound) as refusal:
                ask(gil, name, segment_id=wrong, **more)
            refusals.append(refusal.value.as_dict())
        assert refusals[0] == refusals[1] == refusals[2], name
    inside: list[tuple[str, dict[str, Any]]] = [
        ("crm.segment.preview", {"filter": {"not": {"segment_id": made["segment_id"]}}}),
        ("crm.segment.create", {"name": "X", "filter": {"segment_id": made["segment_id"]}}),
        (
            "crm.aggregate",
            {
                "entity": "contacts",
                "group_by": ["country"],
                "filters": {"filter": {"segment_id": made["segment_id"]}},
            },
        ),
        (
            "crm.aggregate",
            {
                "entity": "contacts",
                "group_by": ["country"],
                "filters": {"segment_id": made["segment_id"]},
            },
        ),
    ]
    for name, data in inside:
        with pytest.raises(NotFound):
            ask(gil, name, **data)
        ask(team.admin, name, **data)


@pytest.mark.parametrize(
    ("verb", "who"),
    [
        ("create", {"reviewer", "admin"}),
        ("update", {"reviewer", "admin"}),
        ("delete", {"admin"}),
        ("restore", {"admin"}),
        ("list", {"viewer", "member", "reviewer", "admin"}),
        ("preview", {"viewer", "member", "reviewer", "admin"}),
    ],
)
def test_each_role_may_do_what_it_may(team: Team, verb: str, who: set[str]) -> None:
    actors = {
        "viewer": factories.person(team.vic),
        "member": team.member,
        "reviewer": team.reviewer,
        "admin": team.admin,
    }
    for role, actor in actors.items():
        Segment.objects.all().delete()
        made = make(team)
        data: dict[str, Any] = {
            "create": {"name": "Other", "filter": LEADS},
            "update": {"segment_id": made["segment_id"], "name": "Other"},
            "list": {},
            "preview": {"filter": LEADS},
        }.get(verb, {"segment_id": made["segment_id"]})
        try:
            ask(actor, f"crm.segment.{verb}", **data)
            allowed = True
        except Forbidden:
            allowed = False
        assert allowed is (role in who), role


def test_names_are_unique_until_a_segment_is_deleted(team: Team) -> None:
    first = make(team)
    second = make(team, "Others")
    with pytest.raises(Conflict):
        make(team)
    with pytest.raises(Conflict):
        ask(team.reviewer, "crm.segment.update", segment_id=second["segment_id"], name="Leads")

    ask(team.admin, "crm.segment.delete", segment_id=first["segment_id"])
    make(team)

    with pytest.raises(Conflict):
        ask(team.admin, "crm.segment.restore", segment_id=first["segment_id"])


def test_a_deleted_segment_comes_back_with_its_members_and_goes_after_30_days(
    team: Team,
) -> None:
    lead(team)
    made = make(team)
    ask(team.admin, "crm.segment.delete", segment_id=made["segment_id"])
    with pytest.raises(NotFound):
        members(team, made)
    lead(team, "bo")

    ask(team.admin, "crm.segment.restore", segment_id=made["segment_id"])

    assert members(team, made) == ["ana", "bo"]
    Segment.objects.update(deleted_at=clock.now() - timedelta(days=30, minutes=1))
    work_out_segments()
    assert not SegmentMember.objects.exists()


def test_a_segment_never_leads_back_to_itself(team: Team) -> None:
    first = make(team)
    second = make(team, "B", {"all": [LEADS, {"segment_id": first["segment_id"]}]})
    third = make(team, "C", {"not": {"segment_id": second["segment_id"]}})

    for inside in (first, second, third):
        with pytest.raises(ValidationFailed) as refusal:
            ask(
                team.reviewer,
                "crm.segment.update",
                segment_id=first["segment_id"],
                filter={"any": [LEADS, {"segment_id": inside["segment_id"]}]},
            )
        assert refusal.value.field == "filter.any.1.segment_id"
    with pytest.raises(Conflict):
        ask(team.admin, "crm.segment.delete", segment_id=first["segment_id"])


def test_a_segment_of_a_segment_follows_it(team: Team) -> None:
    ana = lead(team)
    first = make(team)
    second = make(team, "Not leads", {"not": {"segment_id": first["segment_id"]}})
    third = make(team, "A third", {"segment_id": second["segment_id"]})
    assert members(team, second) == members(team, third) == []

    Contact.objects.filter(pk=ana.pk).update(lifecyclestage="customer")
    refresh_segments()
    assert members(team, first) == []
    assert members(team, second) == members(team, third) == ["ana"]

    ask(
        team.reviewer,
        "crm.segment.update",
        segment_id=first["segment_id"],
        filter={"field": "email", "op": "is_set"},
    )
    refresh_segments()
    assert members(team, second) == members(team, third) == []


def test_what_happens_to_a_contact_shows_after_the_next_run(team: Team) -> None:
    ana, firm = lead(team), factories.company(team.place)
    named = make(team, "Company", {"field": "company.name", "op": "eq", "value": "hooli"})
    visited = make(team, "Visited", {"event": "page_view"})
    leads = make(team)
    refresh_segments()
    assert not DirtyContact.objects.exists()

    Contact.objects.filter(pk=ana.pk).update(company=firm)
    type(firm).objects.filter(pk=firm.pk).update(name="Hooli")
    event = factories.event(ana)
    bo = lead(team, "bo")
    assert refresh_segments() == 3
    assert [members(team, one) for one in (named, visited, leads)] == [
        ["ana"],
        ["ana"],
        ["ana", "bo"],
    ]

    event.delete()
    Contact.objects.filter(pk=bo.pk).update(deleted_at=clock.now())
    assert refresh_segments() == 2
    assert members(team, visited) == []
    assert Segment.objects.get(pk=leads["segment_id"]).contact_count == 1
    assert not DirtyContact.objects.exists()


def test_only_marked_contacts_are_looked_at(
    team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = make(team)
    refresh_segments()
    stray = factories.contact(team.place, "stray@x.example")
    DirtyContact.objects.all().delete()
    # A stray row: only a full recalculation finds it.
    SegmentMember.objects.create(workspace=team.place, segment_id=made["segment_id"], contact=stray)
    lead(team)

    with django_assert_max_num_queries(30):
        assert refresh_segments() == 1

    assert members(team, made) == ["ana", "stray"]
    work_out_segments()
    assert refresh_segments() == 1
    assert members(team, made) == ["ana"]
    assert Segment.objects.get().contact_count == 1


def test_very_many_changes_make_everybody_be_looked_at(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompute, "MANY_MARKS", 3)
    made = make(team)
    refresh_segments()
    for number in range(5):
        lead(team, f"p{number}")

    assert refresh_segments() == 5
    assert len(members(team, made)) == 5
    refresh_segments()
    assert not DirtyContact.objects.exists()


def test_a_filter_that_speaks_of_days_is_looked_at_every_hour(team: Team) -> None:
    ana = lead(team)
    visited = make(team, "Visited", {"event": "page_view", "within_days": 7})
    others = make(team, "Others", {"not": {"segment_id": visited["segment_id"]}})
    event = factories.event(ana, timestamp=clock.now() - timedelta(days=6))
    refresh_segments()
    assert (members(team, visited), members(team, others)) == (["ana"], [])
    # As if two days had passed without any change.
    type(event).objects.update(timestamp=clock.now() - timedelta(days=8))
    DirtyContact.objects.all().delete()

    assert refresh_segments() == 0
    Segment.objects.update(worked_out_at=clock.now() - timedelta(hours=1, minutes=1))
    refresh_segments()

    assert (members(team, visited), members(team, others)) == ([], ["ana"])


def test_a_segment_that_can_not_be_read_stops_no_other(team: Team) -> None:
    broken, made = make(team, "Broken"), make(team)
    refresh_segments()
    Segment.objects.filter(pk=broken["segment_id"]).update(filter={"older": "grammar"})

    lead(team)
    refresh_segments()

    assert members(team, made) == ["ana"]
    # It will be recalculated in full, so it does not need the marks.
    assert not DirtyContact.objects.exists()
    assert Segment.objects.get(pk=broken["segment_id"]).stale
    Segment.objects.filter(pk=broken["segment_id"]).update(filter=LEADS)
    refresh_segments()
    assert members(team, broken) == ["ana"]


def test_marks_where_there_is_no_segment_are_dropped(team: Team) -> None:
    lead(team)

    refresh_segments()

    assert not DirtyContact.objects.exists()


def test_a_preview_counts_now_and_keeps_nothing(team: Team) -> None:
    for number in range(12):
        lead(team, f"p{number:02}")

    answer = ask(factories.person(team.vic), "crm.segment.preview", filter=LEADS)

    assert answer["count"] == 12
    assert [row["email"][:3] for row in answer["contacts"]] == [
        f"p{n:02}" for n in range(11, 1, -1)
    ]
    assert not Segment.objects.exists()


def test_a_contact_shows_its_segments_to_who_may_read_them(team: Team) -> None:
    ana = lead(team)
    made = make(team)
    reading = factories.ALL_SCOPES - {Scope.SEGMENTS_READ}
    shown = ask(team.reviewer, "crm.contact.get", contact_id=str(ana.pk))
    hidden = ask(factories.app(team.rex, reading), "crm.contact.get", contact_id=str(ana.pk))

    assert shown["segments"] == [{"segment_id": made["segment_id"], "name": "Leads"}]
    assert "segments" not in hidden
    assert "segments" in hidden["omitted_for_scope"]
    ask(team.admin, "crm.segment.delete", segment_id=made["segment_id"])
    assert ask(team.reviewer, "crm.contact.get", contact_id=str(ana.pk))["segments"] == []


def test_a_list_and_a_count_are_narrowed_to_a_segment(team: Team) -> None:
    lead(team, country="Chile")
    factories.contact(team.place, "bo@x.example", country="Chile")
    made = make(team)

    listed = ask(team.reviewer, "crm.contact.list", segment_id=made["segment_id"])
    by: dict[str, Any] = {"entity": "contacts", "group_by": ["country"]}

    def total(**wanted: Any) -> int:
        return int(ask(team.reviewer, "crm.aggregate", **by, filters=wanted)["total"])

    assert [row["properties"]["email"] for row in listed["contacts"]] == ["ana@x.example"]
    assert total() == 2
    assert total(segment_id=made["segment_id"]) == 1
    assert total(filter={"not": {"segment_id": made["segment_id"]}}) == 1
    assert total(filter=LEADS, country="peru") == 0
    with pytest.raises(ValidationFailed) as refusal:
        total(filter={"all": [{"field": "cty", "op": "is_set"}]})
    assert refusal.value.field == "filters.filter.all.0.field"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("crm.contact.list", {"segment_id": MISSING}),
        ("crm.aggregate", {"entity": "contacts", "group_by": ["segment"]}),
        (
            "crm.aggregate",
            {
                "entity": "contacts",
                "group_by": ["country"],
                "filters": {"filter": {"segment_id": MISSING}},
            },
        ),
    ],
)
def test_membership_is_not_told_without_the_scope(
    team: Team, name: str, data: dict[str, Any]
) -> None:
    reading = factories.app(team.rex, factories.ALL_SCOPES - {Scope.SEGMENTS_READ})

    with pytest.raises(InsufficientScope):
        ask(reading, name, **data)


def test_lists_cost_the_same_queries_however_long(
    team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [lead(team, f"p{number}") for number in range(20)]
    for number in range(20):
        factories.segment(team.place, f"S{number:02}", members=people)
    segment_id = str(Segment.objects.get(name="S00").pk)

    with django_assert_max_num_queries(4):
        assert len(ask(team.reviewer, "crm.segment.list")["segments"]) == 20
    with django_assert_max_num_queries(5):
        answer = ask(team.reviewer, "crm.segment.members", segment_id=segment_id)
    assert len(answer["contacts"]) == 20
    with django_assert_max_num_queries(8):
        ask(team.reviewer, "crm.segment.preview", filter={"all": [LEADS] * 40})


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"filter": LEADS}, "name"),
        ({"name": " ", "filter": LEADS}, "name"),
        ({"name": "a\nb", "filter": LEADS}, "name"),
        ({"name": "A" * 121, "filter": LEADS}, "name"),
        ({"name": "A"}, "filter"),
        ({"name": "A", "filter": []}, "filter"),
        ({"name": "A", "filter": {}}, "filter"),
        ({"name": "A", "filter": LEADS, "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_segment_is_refused_and_nothing_is_kept(
    team: Team, data: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        ask(team.reviewer, "crm.segment.create", **data)

    assert refusal.value.field == field
    assert not Segment.objects.exists()


def test_a_workspace_has_at_most_so_many_segments(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.services.segments.MAX_SEGMENTS", 1)
    make(team)

    with pytest.raises(AppError, match="at most 1"):
        make(team, "B")


def test_an_update_changes_what_is_given_and_says_what_was(team: Team) -> None:
    lead(team)
    made = make(team)
    same = {"segment_id": made["segment_id"]}

    renamed = ask(team.reviewer, "crm.segment.update", **same, name="People")
    again = ask(team.reviewer, "crm.segment.update", **same, name="People")
    changed = ask(team.reviewer, "crm.segment.update", **same, filter={"not": LEADS})

    assert renamed["previous"] == {"name": "Leads"}
    assert renamed["result"]["segment"]["filter"] == LEADS
    assert "previous" not in again
    assert changed["previous"] == {"filter": LEADS}
    assert changed["result"]["segment"]["contact_count"] == 0
    with pytest.raises(ValidationFailed):
        ask(team.reviewer, "crm.segment.update", **same)
