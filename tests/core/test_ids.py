"""Public ids: readable, sortable, and harmless when they are nonsense."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ids
from core.errors import NotFound
from crm.models import Contact
from tests import factories

NONSENSE = [
    "",
    "ct_",
    "ct",
    "not an id",
    "ct_01jd\x00",
    "ct_" + "z" * 26,  # more than 128 bits
    "ct_01h2xcejqtf2nbrexx3vqjhp4",  # 25 characters
    "CT_01h2xcejqtf2nbrexx3vqjhp41",
    "ct_01H2XCEJQTF2NBREXX3VQJHP41",
    "\ud800",
    "ct_" + "0" * 5000,
    "00000000-0000-0000-0000-000000000000",
]


@given(st.uuids())
def test_an_id_and_its_uuid_are_the_same_thing(value: uuid.UUID) -> None:
    assert ids.decode("ct", ids.encode("ct", value)) == value


@given(st.text())
def test_no_text_breaks_the_reading_of_an_id(text: str) -> None:
    assert ids.decode("ct", text) is None or text.startswith("ct_")


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_no_id(text: str) -> None:
    assert ids.decode("ct", text) is None


@pytest.mark.parametrize("value", [None, 7, b"ct_01h2xcejqtf2nbrexx3vqjhp41", ["ct"]])
def test_what_is_no_text_is_no_id(value: object) -> None:
    assert ids.decode("ct", value) is None


def test_an_id_of_another_kind_is_no_id() -> None:
    assert ids.decode("ct", ids.new_id("co")) is None


def test_later_ids_sort_after_earlier_ones() -> None:
    made = [ids.new_id("ct") for _ in range(500)]

    assert made == sorted(made)
    assert len(set(made)) == 500


def test_ids_of_moments_sort_like_the_moments() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(milliseconds=step) for step in (0, 1, 1000, 86_400_000)]

    made = [ids.new_id_at("evt", moment) for moment in moments]

    assert made == sorted(made)
    assert ids.new_id_at("evt", start, 5) == ids.new_id_at("evt", start, 5)
    found = ids.decode("evt", made[0])
    assert found is not None
    assert found.version == 7


@pytest.mark.django_db
def test_an_id_survives_the_database() -> None:
    ana = factories.contact(factories.workspace())

    assert Contact.objects.get(pk=ana.pk).pk == ana.pk
    assert str(ana.pk).startswith("ct_")


@pytest.mark.django_db
@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_and_a_missing_id_are_the_same_answer(text: str) -> None:
    factories.contact(factories.workspace())

    with pytest.raises(NotFound) as nonsense:
        Contact.objects.all().one(text, "contact")
    with pytest.raises(NotFound) as missing:
        Contact.objects.all().one(ids.new_id("ct"), "contact")

    assert nonsense.value.as_dict() == missing.value.as_dict()
