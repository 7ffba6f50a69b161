"""Confirm links: one page behind login with exactly the cards that were shown (approvals-15).

The signed link names the cards, their fingerprints and the workspace; it grants no rights: the page
requires login and decides on POST only.
"""

from django.core import signing

from approvals import links
from core.actor import Actor
from core.errors import ValidationFailed

_SALT = "approvals.confirm"
_MAX_AGE_SECONDS = 7 * 86400

Pairs = list[tuple[str, str]]


def link(actor: Actor, pairs: Pairs) -> str:
    """The address of the page that shows these (action id, fingerprint) pairs."""
    content = {"w": actor.workspace_id, "c": pairs}
    return links.confirm(signing.dumps(content, salt=_SALT, compress=True))


def read_token(actor: Actor, token: str) -> Pairs:
    """The pairs a link names; raises ValidationFailed for a broken, old or foreign one."""
    try:
        content = signing.loads(token, salt=_SALT, max_age=_MAX_AGE_SECONDS)
    except signing.BadSignature as error:
        raise ValidationFailed(
            "This link is invalid or has expired.", hint="Open the queue instead."
        ) from error
    if content["w"] != actor.workspace_id:
        raise ValidationFailed(
            "This link is for another workspace.",
            hint="Switch to that workspace, then open the link again.",
        )
    return [(str(action_id), str(fingerprint)) for action_id, fingerprint in content["c"]]
