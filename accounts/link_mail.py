"""Mails links to the address each was made for; the page that made one shows it, too."""

from accounts.models import Workspace
from core import system_mail
from core.actor import Actor
from core.schemas import plain_name

_INVITED = """You are invited to join {place}. The link is for you only and works for 7 days:

{link}

If you did not expect this invitation, ignore this e-mail.
"""
_VERIFY = """Log in, then open this link to confirm your e-mail address. It works for 7 days:

{link}

If you did not expect this, ignore this e-mail.
"""


def invite(actor: Actor, address: str, link: str) -> bool:
    """Mail an invitation to the actor's workspace; whether it went."""
    names = Workspace.objects.filter(pk=actor.workspace_id).values_list("name", flat=True)
    place = plain_name("".join(names), 40)
    text = _INVITED.format(place=place, link=link)
    return system_mail.send(address, f"Your invitation to {place}", text)


def verify(address: str, link: str) -> bool:
    """Mail the link that proves an address; whether it went."""
    return system_mail.send(address, "Confirm your e-mail address", _VERIFY.format(link=link))
