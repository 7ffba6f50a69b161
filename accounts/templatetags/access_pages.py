"""How many new access grants an admin has not seen yet, for the menu of every page."""

from django import template

from accounts.services import access_grants
from core.actor import Actor

register = template.Library()


@register.filter
def unseen_grants(actor: Actor) -> int:
    """The number beside External access; for admins only."""
    return len(access_grants.unseen(actor))
