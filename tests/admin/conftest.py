import pytest
from django.test import Client

from accounts.models import User
from tests import factories


@pytest.fixture
def operator(db: None) -> Client:
    """A logged-in operator, who belongs to no workspace."""
    client = Client()
    client.force_login(
        User.objects.create_user("ops@pathbound.example", factories.PASSWORD, is_staff=True)
    )
    return client
