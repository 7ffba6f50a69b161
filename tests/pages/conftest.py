from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from tests.team import Team, make_team

__all__ = ["Browser", "Team"]


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


Browser = Callable[[Membership], Client]


@pytest.fixture
def browser_of() -> Browser:
    """A logged-in client without JavaScript."""

    def make(membership: Membership, **facts: Any) -> Client:
        client = Client(headers={"host": "127.0.0.1"}, **facts)
        client.force_login(membership.user)
        return client

    return make
