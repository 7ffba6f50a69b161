"""Ids made for a moment that is not now."""

import uuid
from datetime import timedelta

from core.ids import decode, new_id_at
from tests.demo.conftest import NOW


def test_an_id_of_a_moment_is_a_uuid_of_version_7_with_that_time() -> None:
    found = decode("evt", new_id_at("evt", NOW)) or uuid.UUID(int=0)

    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert found.int >> 80 == int(NOW.timestamp() * 1000)


def test_given_randomness_makes_the_same_id_and_keeps_all_its_bits() -> None:
    assert new_id_at("evt", NOW, 2**74 - 1) == new_id_at("evt", NOW, 2**74 - 1)
    assert len({new_id_at("evt", NOW, 1 << bit) for bit in range(74)}) == 74


def test_later_moments_sort_later() -> None:
    assert new_id_at("evt", NOW) < new_id_at("evt", NOW + timedelta(milliseconds=1))
