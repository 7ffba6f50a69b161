"""Changing a contact: validated, counted, recorded, and never over another actor's change."""

from collections.abc import Callable
from typing import Any

import pytest

from core import clock
from core.db import unit
from core.errors import Conflict, NotFound, Unavailable, ValidationFailed
from core.outcomes import Effected
from crm.models import Contact
from crm.properties import CONTACT_PROPERTIES
from crm.queries.contacts import present_contact
from crm.schemas.contacts import UpdateContact
from crm.services.contacts import CONTACTS
from tests import factories
from tests.crm.conftest import Book
from tests.threads import at_once

pytestmark = pytest.mark.django_db

GOOD: dict[str, Any] = {
    "email": "new@umbrella.example",
    "firstname": "Anna",
    "lastname": "Nguyen",
    "jobtitle": "CTO",
    "phone": "+49 30 1234",
    "linkedin_url": "https://www.linkedin.com/in/ana",
    "lifecyclestage": "customer",
    "lead_status": "open",
    "industry": "Robots",
    "country": "Germany",
    "state": "Bavaria",
    "city": "Munich",
    "email_consent": True,
}


def test_every_known_property_is_tried() -> None:
    assert set(GOOD) == set(CONTACT_PROPERTIES)


@pytest.mark.parametrize(("key", "value"), GOOD.items())
def test_a_known_property_is_set_and_shown(book: Book, key: str, value: Any) -> None:
    answer = book.update(**{key: value})

    assert getattr(book.ana_now(), key) == value
    assert answer.resource["contact"]["properties"][key] == value
    assert answer.unknown_properties is None


@pytest.mark.parametrize("key", sorted(set(GOOD) - {"email"}))
def test_null_clears_a_property(book: Book, key: str) -> None:
    book.update(**{key: GOOD[key]})

    answer = book.update(**{key: None})

    assert getattr(book.ana_now(), key) in {"", None}
    assert key not in answer.resource["contact"]["properties"]


def test_the_address_cannot_be_cleared(book: Book) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        book.update(email=None)

    assert refusal.value.field == "properties.email"


def test_a_custom_property_is_kept_and_told_with_the_known_one_it_may_have_meant(
    book: Book,
) -> None:
    answer = book.update(job_title="CTO", favourite_tea="Assam", shoe_size=41, vip=True)

    assert book.ana_now().properties == {
        "job_title": "CTO",
        "favourite_tea": "Assam",
        "shoe_size": 41,
        "vip": True,
    }
    assert answer.unknown_properties == [
        {"key": "favourite_tea"},
        {"key": "job_title", "did_you_mean": "jobtitle"},
        {"key": "shoe_size"},
        {"key": "vip"},
    ]
    book.update(vip=None)
    assert "vip" not in book.ana_now().properties


WRONG: dict[str, tuple[str, Any]] = {
    "a number for text": ("firstname", 7),
    "a list for text": ("jobtitle", ["CTO"]),
    "text for yes or no": ("email_consent", "yes"),
    "a number for yes or no": ("email_consent", 1),
    "an unknown stage": ("lifecyclestage", "custmer"),
    "no address": ("email", "ana"),
    "two addresses": ("email", "a@x.example,b@x.example"),
    "text beyond its column": ("firstname", "n" * 121),
    "bytes beyond its column": ("firstname", "ß" * 61),
    "a NUL": ("firstname", "a\x00"),
    "a lone surrogate": ("firstname", "a\ud800"),
    "an escape": ("firstname", "a\x1b[31m"),
    "a line break in a name": ("firstname", "Ana\nBcc: x"),
    "a hidden letter in a name": ("firstname", "Ana\u202e"),
    "a script for an address": ("linkedin_url", "javascript:alert(1)"),
    "a custom object": ("shoe", {"size": 41}),
    "a custom list": ("shoes", [41]),
    "custom text beyond 4 KiB": ("story", "s" * 4097),
    "a custom escape": ("story", "a\x1b[31m"),
    "a key in capitals": ("JobTitle", "CTO"),
    "a key with a space": ("job title", "CTO"),
    "a key too long": ("k" * 65, "CTO"),
    "an empty key": ("", "CTO"),
}


@pytest.mark.parametrize(("key", "value"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_refused_and_its_field_named(book: Book, key: str, value: Any) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        book.update(city="Berlin", **{key: value})

    assert str(refusal.value.field).startswith("properties.")
    assert book.ana_now().city == ""
    assert book.ana_now().version == book.ana.version


def test_a_mistyped_stage_gets_the_valid_ones(book: Book) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        book.update(lifecyclestage="custmer")

    assert refusal.value.did_you_mean == "customer"
    assert "evangelist" in (refusal.value.valid_values or [])


def test_an_address_is_stored_in_its_one_form_and_text_composed(book: Book) -> None:
    book.update(email="New@Umbrella.Example", lastname=" Lo\u0308we ")

    assert book.ana_now().email == "new@umbrella.example"
    assert book.ana_now().lastname == "L\u00f6we"


def test_a_taken_address_is_a_conflict_that_names_the_contact(book: Book) -> None:
    bo = factories.contact(book.place, "bo@umbrella.example")

    with pytest.raises(Conflict) as refusal:
        book.update(email="BO@umbrella.example", city="Berlin")

    assert refusal.value.as_dict()["contact_id"] == str(bo.pk)
    assert book.ana_now().city == ""


def test_an_address_of_a_deleted_contact_or_another_workspace_is_free(book: Book) -> None:
    bo = factories.contact(book.place, "bo@umbrella.example")
    Contact.objects.filter(pk=bo.pk).update(deleted_at=clock.now())
    elsewhere = factories.workspace("Initech")
    factories.contact(elsewhere, "cy@umbrella.example")

    book.update(email="bo@umbrella.example")
    book.update(email="cy@umbrella.example")

    assert book.ana_now().email == "cy@umbrella.example"


def test_a_change_grows_the_version_and_says_who_set_what(book: Book) -> None:
    answer = book.update(jobtitle="CTO", tea="Assam")

    now = book.ana_now()
    assert now.version == book.ana.version + 1
    assert now.updated_at > book.ana.updated_at
    assert set(now.provenance) == {"jobtitle", "tea"}
    assert now.provenance["jobtitle"]["source"] == "person"
    assert answer.previous == {"jobtitle": None, "tea": None}
    assert answer.inverse is not None
    assert answer.inverse.arguments["properties"] == {"jobtitle": None, "tea": None}


def test_what_is_true_already_changes_nothing(book: Book) -> None:
    answer = book.update(firstname="Ana", email="ANA@umbrella.example")

    assert book.ana_now().version == book.ana.version
    assert answer.previous == {}
    assert answer.inverse is None


def test_search_finds_the_new_name_and_no_longer_the_old(book: Book) -> None:
    book.update(lastname="Löwe")

    assert book.found(search="lowe") == ["ana"]
    assert book.found(search="ng") == []


def test_a_change_over_somebody_elses_is_a_conflict(book: Book) -> None:
    stale = present_contact(book.reviewer, str(book.ana.pk))
    book.update(jobtitle="CTO")

    with pytest.raises(Conflict, match="same time"):
        CONTACTS.merge(book.reviewer, stale, {"jobtitle": "CEO"})

    assert book.ana_now().jobtitle == "CTO"


@pytest.mark.django_db(transaction=True)
def test_each_of_many_changes_at_once_is_made_whole_or_refused(book: Book) -> None:
    def change(number: int) -> Effected:
        with unit():
            return book.update(jobtitle=f"T{number}", **{f"by_{number}": True})

    calls: list[Callable[[], Effected]] = [lambda n=n: change(n) for n in range(8)]  # type: ignore[misc]
    answers, refusals = at_once(calls)

    now = book.ana_now()
    assert now.version == book.ana.version + len(answers)
    assert len(now.properties) == len(answers)
    assert all(isinstance(refusal, Conflict | Unavailable) for refusal in refusals)


@pytest.mark.django_db(transaction=True)
def test_two_contacts_given_one_address_at_once_end_with_one_conflict(book: Book) -> None:
    others = [factories.contact(book.place, f"p{n}@umbrella.example") for n in range(4)]

    def rename(contact: Contact) -> str:
        with unit():
            wanted = {"email": "one@umbrella.example"}
            data = UpdateContact(contact_id=str(contact.pk), properties=wanted)
            CONTACTS.update(book.reviewer, data)
        return str(contact.pk)

    calls: list[Callable[[], str]] = [lambda c=c: rename(c) for c in others]  # type: ignore[misc]
    answers, refusals = at_once(calls)

    assert len(answers) == 1
    assert all(isinstance(refusal, Conflict | Unavailable) for refusal in refusals)


def test_nothing_to_change_and_too_much_are_refused(book: Book) -> None:
    with pytest.raises(ValidationFailed):
        book.update()
    with pytest.raises(ValidationFailed):
        book.update(**{f"key_{n}": n for n in range(201)})


def test_a_deleted_contact_is_not_changed(book: Book) -> None:
    Contact.objects.filter(pk=book.ana.pk).update(deleted_at=clock.now())

    with pytest.raises(NotFound):
        book.update(jobtitle="CTO")
