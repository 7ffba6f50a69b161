"""Hooks: once each and in order; a slot holds one and raises without it."""

import pytest

from core.errors import Unavailable
from core.hooks import Hook, Slot


def test_entries_come_in_the_order_of_registration_and_once_each() -> None:
    hook = Hook[str]()
    for entry in ("second app", "first app", "second app"):
        hook.register(entry)

    assert list(hook) == ["second app", "first app"]


def test_hooks_share_nothing() -> None:
    one, other = Hook[str](), Hook[str]()
    one.register("an entry")

    assert list(other) == []


def test_a_slot_gives_what_was_registered() -> None:
    slot = Slot[str]("ledger")
    slot.register("the ledger")

    assert slot.get() == "the ledger"


def test_a_slot_takes_no_second_implementation() -> None:
    slot = Slot[str]("ledger")
    slot.register("the ledger")

    with pytest.raises(RuntimeError, match="two implementations of the ledger"):
        slot.register("another")
    assert slot.get() == "the ledger"


def test_an_empty_slot_refuses() -> None:
    with pytest.raises(Unavailable, match="No ledger is registered"):
        Slot[str]("ledger").get()
