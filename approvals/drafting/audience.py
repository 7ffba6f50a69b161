"""The audience of a broadcast (sending-9): counted when its card is shown, and again right before
it goes out.

1. The page shows the number and has it signed in its form; approving requires it.
2. Right before the call it is counted again; many more are stopping drift (resend/executor.py):
   nothing goes out and the card waits again.
"""

from dataclasses import dataclass

from django.core import signing

from approvals import registry
from approvals.models import Action
from core.errors import Changed
from identities.providers.contract import NotDone

_SALT = "approvals.audience"
_FRESH_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Counted:
    """The count on a card; `token` is empty if it could not be counted."""

    sentence: str = ""
    token: str = ""


def is_counted(action: Action) -> bool:
    """Whether its type has an audience instead of listed recipients."""
    return registry.TYPES[action.type].audience is not None


def count_recipients(action: Action) -> Counted:
    """Count now, over the network; empty for a type that lists its recipients."""
    count = registry.TYPES[action.type].audience
    if count is None:
        return Counted()
    try:
        people = count(str(action.workspace_id), action.rendered or {})
    except NotDone as error:
        return Counted(f"The audience could not be counted: {error.sentence}")
    content = [str(action.pk), action.fingerprint, people]
    words = "1 person" if people == 1 else f"{people:,} people"
    return Counted(
        f"Will be sent to {words} (counted just now).", signing.dumps(content, salt=_SALT)
    )


def read_token(action: Action, token: str) -> int:
    """The number shown on the card; raises Changed if it is missing or old."""
    try:
        content = signing.loads(token, salt=_SALT, max_age=_FRESH_SECONDS)
    except signing.BadSignature as error:
        raise Changed(
            "The audience size was not shown.", hint="Open the card, then approve."
        ) from error
    if content[:2] != [str(action.pk), action.fingerprint]:
        raise Changed("The audience was counted for another draft.", hint="Open the card again.")
    return int(content[2])
