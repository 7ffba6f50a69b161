"""Addresses of our own pages, for answers and notices."""

from django.conf import settings


def card(action_id: str) -> str:
    """The page of one action."""
    return f"{settings.PUBLIC_BASE_URL}/approvals/{action_id}/"


def path(action_id: str) -> str:
    """The same without the origin."""
    return f"/approvals/{action_id}/"


def confirm(token: str) -> str:
    """The page that shows exactly the cards a signed token names."""
    return f"{settings.PUBLIC_BASE_URL}/approvals/confirm/{token}/"
