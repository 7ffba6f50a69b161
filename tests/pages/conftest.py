from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from tests.office import Office, make_office

__all__ = ["Browser", "Office"]


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


Browser = Callable[[Membership], Client]


@pytest.fixture
def browser_of() -> Browser:
    """A logged-in client without JavaScript."""

    def make(membership: Membership, **facts: Any) -> Client:
        client = Client(headers={"host": "127.0.0.1"}, **facts)
        client.force_login(membership.user)
        return client

    return make
