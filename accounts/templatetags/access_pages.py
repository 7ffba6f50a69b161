"""How many opened doors an admin has not seen yet, for the menu of every page."""

from django import template

from accounts.services import access_grants
from core.actor import Actor

register = template.Library()


@register.filter
def unseen_doors(actor: Actor) -> int:
    """The number beside Doors; admins only, nothing for anybody else."""
    return len(access_grants.unseen(actor))
