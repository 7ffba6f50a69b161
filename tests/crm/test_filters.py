"""The grammar of filters: errors and matches."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.errors import NotFound, ValidationFailed
from core.strict_json import loads
from crm import filters
from crm.models import Contact, Message, Thread
from tests import factories
from tests.crm import naive
from tests.crm.happenings import Place, place

LEAD = {"field": "lifecyclestage", "op": "eq", "value": "lead"}


def nested(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = LEAD
    for _ in range(levels - 1):
        node = {"not": node}
    return node


@pytest.mark.parametrize(
    ("data", "field", "meant"),
    [
        (None, "filter", None),
        ([], "filter", None),
        ({}, "filter", None),
        ({"al": []}, "filter", "all"),
        ({"all": []}, "filter.all", None),
        ({"all": LEAD}, "filter.all", None),
        ({"all": [LEAD, {"any": [LEAD, 7]}]}, "filter.all.1.any.1", None),
        ({**LEAD, "segment_id": "seg_1"}, "filter", None),
        ({**LEAD, "vale": 1}, "filter.vale", "value"),
        ({**LEAD, "value": "custmer"}, "filter.value", "customer"),
        ({**LEAD, "op": "contains"}, "filter.op", None),
        ({**LEAD, "op": "nto_in"}, "filter.op", "not_in"),
        ({"field": "lifecyclestge", "op": "is_set"}, "filter.field", "lifecyclestage"),
        ({"field": "properties.email", "op": "is_set"}, "filter.field", "email"),
        ({"field": "properties.Plan", "op": "is_set"}, "filter.field", None),
        ({"field": "city", "op": "eq"}, "filter.value", None),
        ({"field": "city", "op": "eq", "value": 5}, "filter.value", None),
        ({"field": "city", "op": "eq", "value": ["a"]}, "filter.value", None),
        ({"field": "city", "op": "in", "value": "a"}, "filter.value", None),
        ({"field": "city", "op": "in", "value": []}, "filter.value", None),
        ({"field": "city", "op": "is_set", "value": "a"}, "filter.value", None),
        ({"field": "city", "op": "eq", "value": "a\x00"}, "filter.value", None),
        ({"field": "city", "op": "eq", "value": "\ud800"}, "filter.value", None),
        ({"field": "city", "op": "eq", "value": {"a": 1}}, "filter.value", None),
        ({"field": "email_consent", "op": "eq", "value": 1}, "filter.value", None),
        ({"field": "company.employee_count", "op": "gt", "value": "9"}, "filter.value", None),
        ({"field": "company.employee_count", "op": "gt", "value": True}, "filter.value", None),
        ({"field": "created_at", "op": "gt", "value": "2026-01-01"}, "filter.op", "after"),
        ({"field": "created_at", "op": "after", "value": "2026-02-30"}, "filter.value", None),
        ({"field": "created_at", "op": "after", "value": "yesterday"}, "filter.value", None),
        ({"field": "created_at", "op": "after", "value": "٢٠٢٦-٠١-٠١"}, "filter.value", None),
        ({"field": "properties.seats", "op": "gt", "value": "9"}, "filter.value", None),
        ({"field": "properties.seats", "op": "gt", "value": 10**4000}, "filter.value", None),
        ({"field": "properties.seats", "op": "gt", "value": float("nan")}, "filter.value", None),
        ({"event": "page_view", "within_days": 0}, "filter.within_days", None),
        ({"event": "page_view", "within": 7}, "filter.within", "within_days"),
        ({"event": "page_view", "count": {"op": "in", "value": 1}}, "filter.count.op", None),
        ({"event": "page_view", "count": {"value": -1}}, "filter.count.value", None),
        (
            {"event": "page_view", "where": [{"field": "pth", "op": "is_set"}]},
            "filter.where.0.field",
            "path",
        ),
        ({"not_contacted_days": True}, "filter.not_contacted_days", None),
        ({"not_contacted_days": 3651}, "filter.not_contacted_days", None),
        (nested(6), "filter", None),
        (nested(5000), "filter", None),
        ({"all": [LEAD] * 51}, "filter", None),
        ({"any": [{"event": "a", "where": [LEAD] * 10}] * 5}, "filter", None),
    ],
)
def test_what_is_wrong_is_named_with_its_path(data: Any, field: str, meant: str | None) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        filters.parse(data)

    assert (refusal.value.field, refusal.value.did_you_mean) == (field, meant)
    assert len(refusal.value.message) < 200


def test_the_bounds_themselves_are_allowed() -> None:
    filters.parse(nested(5))
    filters.parse({"all": [LEAD] * 50})


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda part: (
            st.lists(part, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["all", "any", "not", "field", "op", "value", "event", "where", "count", "x"]
                ),
                part,
                max_size=3,
            )
        ),
        max_leaves=12,
    )
)
def test_anything_at_all_is_a_filter_or_refused(data: Any) -> None:
    try:
        found = filters.parse(data)
    except ValidationFailed:
        return
    assert filters.as_data(filters.parse(filters.as_data(found))) == filters.as_data(found)


def test_the_published_schema_takes_what_the_parser_takes() -> None:
    import jsonschema

    schema = filters.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = [
        LEAD,
        {"not": {"all": [LEAD, {"not_contacted_days": 14}]}},
        {"field": "created_at", "op": "after", "value": {"days_ago": 7}},
        {"event": "page_view", "where": [{"field": "path", "op": "eq", "value": "/pricing"}]},
        {"segment_id": "seg_01jd0000000000000000000000"},
    ]
    bad = [{}, {"all": []}, {**LEAD, "x": 1}, {"event": "a", "within_days": 0}]

    assert [list(validator.iter_errors(data)) for data in good] == [[]] * len(good)
    assert all(list(validator.iter_errors(data)) for data in bad)


@pytest.fixture
def acme(db: None) -> Place:
    return place()


def found(acme: Place, data: Any) -> list[str]:
    """Local parts of the contacts that match; asserts that `matches` agrees."""
    wanted = filters.parse(data)
    rows = filters.contacts_matching(acme.actor, wanted)
    names = sorted(email.partition("@")[0] for email in rows.values_list("email", flat=True))
    for row in Contact.objects.filter(workspace=acme.place):
        inside = row.email.partition("@")[0] in names
        assert filters.matches(acme.actor, wanted, str(row.pk)) is inside
    return names


def test_not_equal_includes_who_has_no_value_and_text_has_no_case(acme: Place) -> None:
    factories.contact(acme.place, "bo@x.example", city="Bilbao", properties={"plan": "Pro"})
    city = {"field": "city", "value": "BILBAO"}
    plan = {"field": "properties.plan", "value": "pRO"}

    for condition in (city, plan):
        assert found(acme, {**condition, "op": "eq"}) == ["bo"]
        assert found(acme, {**condition, "op": "ne"}) == ["ana"]
        assert found(acme, {"not": {**condition, "op": "eq"}}) == ["ana"]
        assert found(acme, {"not": {**condition, "op": "ne"}}) == ["bo"]
    assert found(acme, {"field": "city", "op": "contains", "value": "%"}) == []


@pytest.mark.parametrize("key", ["contains", "exact", "isnull", "in", "gt", "has_key", "a_0"])
def test_a_custom_key_may_be_called_like_a_lookup(acme: Place, key: str) -> None:
    factories.contact(acme.place, "bo@x.example", properties={key: 5})

    assert found(acme, {"field": f"properties.{key}", "op": "gte", "value": 5}) == ["bo"]
    assert found(acme, {"field": f"properties.{key}", "op": "eq", "value": "5"}) == []
    assert found(acme, {"field": f"properties.{key}", "op": "is_set"}) == ["bo"]


def test_the_company_of_a_contact_counts_unless_it_is_deleted(acme: Place) -> None:
    firm = factories.company(acme.place, "Umbrella", employee_count=500)
    factories.contact(acme.place, "bo@x.example", company=firm)
    large = {"field": "company.employee_count", "op": "gte", "value": 200}

    assert found(acme, large) == ["bo"]
    assert found(acme, {"not": large}) == ["ana"]
    type(firm).objects.filter(pk=firm.pk).update(deleted_at=clock.now())
    assert found(acme, large) == []


def test_events_are_counted_within_days_without_bots(acme: Place) -> None:
    acme.happens(contact=acme.ana, path="/pricing")
    acme.happens(contact=acme.ana, path="/pricing", at=clock.now() - timedelta(days=9))
    acme.happens(contact=acme.ana, path="/pricing", is_bot=True)
    acme.happens(path="/pricing")
    factories.contact(acme.place, "bo@x.example")
    pricing = {
        "event": "page_view",
        "where": [{"field": "path", "op": "contains", "value": "/PRICING"}],
    }

    assert found(acme, pricing) == ["ana"]
    assert found(acme, {"not": pricing}) == ["bo"]
    twice = {**pricing, "count": {"op": "gte", "value": 2}}
    assert found(acme, twice) == ["ana"]
    assert found(acme, {**twice, "within_days": 7}) == []
    assert found(acme, {**pricing, "count": {"op": "lt", "value": 2}}) == ["bo"]
    assert found(acme, {**pricing, "count": {"op": "eq", "value": 0}}) == ["bo"]
    with_bots = {"event": "page_view", "where": [{"field": "is_bot", "op": "is_set"}]}
    assert found(acme, {**with_bots, "count": {"op": "eq", "value": 3}}) == ["ana"]


def test_an_email_of_a_mailbox_is_a_contact_unless_its_owner_hides_it(acme: Place) -> None:
    moment = clock.now() - timedelta(days=3)
    thread = Thread.objects.create(
        workspace=acme.place,
        contact=acme.ana,
        source="imap",
        external_id="t",
        last_message_at=moment,
        created_at=moment,
    )
    letter = Message.objects.create(
        workspace=acme.place,
        thread=thread,
        external_id="m",
        direction="in",
        from_address="ana@acme.example",
        sent_at=moment,
        created_at=moment,
    )

    assert found(acme, {"not_contacted_days": 7}) == ["ana"]
    Message.objects.filter(pk=letter.pk).update(direction="out")
    assert found(acme, {"not_contacted_days": 7}) == []
    assert found(acme, {"not_contacted_days": 2}) == ["ana"]
    Thread.objects.filter(pk=thread.pk).update(sharing="owner_only")
    assert found(acme, {"not_contacted_days": 7}) == ["ana"]


def test_a_date_is_of_the_workspaces_zone(db: None) -> None:
    tokyo = place(time_zone="Asia/Tokyo")
    # 08:30 on the second in Tokyo is still the first in UTC.
    Contact.objects.update(created_at="2026-11-01T23:30:00Z")

    assert found(tokyo, {"field": "created_at", "op": "after", "value": "2026-11-02"}) == ["ana"]
    assert found(tokyo, {"field": "created_at", "op": "before", "value": "2026-11-02"}) == []


def test_nobody_of_another_workspace_and_nobody_deleted_is_found(acme: Place) -> None:
    globex = place("Globex")
    everybody = {"field": "email", "op": "is_set"}
    assert found(globex, everybody) == ["ana"]
    globex.happens(contact=globex.ana)
    assert found(globex, {"event": "page_view"}) == ["ana"]

    assert found(acme, {"event": "page_view"}) == []
    Contact.objects.filter(pk=acme.ana.pk).update(deleted_at=clock.now())
    assert found(acme, everybody) == []


def test_a_segment_that_is_not_here_is_missing(acme: Place) -> None:
    for wrong in ("seg_01jd0000000000000000000000", "nothing"):
        with pytest.raises(NotFound):
            filters.check(acme.actor, filters.parse({"not": {"segment_id": wrong}}))


def test_json_of_a_body_reads_the_same(acme: Place) -> None:
    data = loads('{"field": "properties.seats", "op": "in", "value": [1, 2.5, true, "x"]}')
    factories.contact(acme.place, "bo@x.example", properties={"seats": 2.5})
    factories.contact(acme.place, "cy@x.example", properties={"seats": True})
    factories.contact(acme.place, "di@x.example", properties={"seats": "X"})

    assert found(acme, data) == ["bo", "cy", "di"]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=naive.nodes)
def test_any_filter_finds_whom_a_naive_reading_finds(crowd: naive.Crowd, data: Any) -> None:
    wanted = filters.parse(crowd.named(data))

    rows = filters.contacts_matching(crowd.actor, wanted)

    assert set(rows.values_list("email", flat=True)) == crowd.whom(data)


@pytest.fixture
def crowd(db: None) -> naive.Crowd:
    return naive.crowd()
