"""Contacts written to since a date: by mailbox, or by upper apps (layers-2).

A message in a mailbox its owner does not share is not counted: membership would reveal it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from core.actor import Actor
from core.hooks import Hook
from crm.models import Message

# The ids of contacts something was delivered to since then, narrowed by a condition on the column.
Among = Callable[[str], Q]
# Messages sent by upper apps.
SOURCES = Hook[Callable[[Actor, datetime, Among], QuerySet[Any, Any]]]()


def since(actor: Actor, moment: datetime, among: Among) -> list[QuerySet[Any, Any]]:
    """The ids of contacts we wrote to at that moment or later, one list a source."""
    letters = Message.objects.visible_to(actor).filter(
        among("thread__contact"), direction="out", sent_at__gte=moment, thread__deleted_at=None
    )
    shared = letters.exclude(thread__sharing="owner_only")
    return [shared.values("thread__contact"), *(source(actor, moment, among) for source in SOURCES)]
