"""The whole queue in one answer, for the tool that shows it (protocol-8)."""

from typing import Any

from django.core import signing
from django.db.models import Q

from approvals import confirm, links
from approvals.attention import lists
from approvals.cards import lengths
from approvals.cards.actions import RED_SHOWN, changes_of
from approvals.cards.build import card_of
from approvals.cards.card import Card
from approvals.drafting import conflicts, taint
from approvals.models import Action
from approvals.schemas.actions import Review, ReviewPending
from approvals.vocabulary import Status
from core import clock
from core.access import Scope
from core.actor import Actor
from core.errors import ValidationFailed
from core.operations import Effect, operation

# Of an answer's 8,000 tokens, up to 1,000 go to the text around 50 cards, mostly confirm_url.
BUDGET_TOKENS = 7_000
_SALT = "approvals.review"


@operation(
    "approvals.action.review", schema=ReviewPending, scope=Scope.ACTIONS_READ, effect=Effect.READ
)
def review_pending_actions(actor: Actor, data: ReviewPending) -> Review:
    """Cards whole or absent, oldest first, grouped by requester; shows, never decides."""
    rows = Action.objects.visible_to(actor).filter(status=Status.PENDING)
    if data.agent_id:
        rows = rows.filter(agent_id=data.agent_id)
    if data.type:
        rows = rows.filter(type=data.type)
    if data.contact_id:
        rows = rows.filter(contact=data.contact_id)
    if data.mine:
        rows = rows.filter(Q(requested_by=actor.user_id) | Q(assigned_to=actor.user_id))
    total = rows.count()
    after = _read_cursor(data.cursor)
    waiting = rows.filter(pk__gt=after) if after else rows
    behind = total - waiting.count()
    shown = _fitting(actor, list(_ordered(waiting)[: data.limit]), behind)
    omitted = total - behind - len(shown)
    pairs = [(str(c["action_id"]), str(c["fingerprint"])) for _, c in shown if "fingerprint" in c]
    return Review(
        attention=lists.for_review(actor),
        groups=_grouped(shown),
        total=total,
        omitted=omitted,
        truncated=True if omitted else None,
        cursor=_cursor(str(shown[-1][1]["action_id"])) if shown and omitted else None,
        confirm_url=confirm.link(actor, pairs) if pairs else None,
        next=_next(total),
    )


def _ordered(rows: Any) -> Any:
    related = rows.select_related("contact", "decided_by")
    return related.order_by("id")  # ids sort by the time they were made


def _fitting(actor: Actor, actions: list[Action], behind: int) -> list[tuple[str, dict[str, Any]]]:
    shown: list[tuple[str, dict[str, Any]]] = []
    left = BUDGET_TOKENS
    for number, action in enumerate(actions, start=behind + 1):
        card = card_of(actor, action)
        compact = _compact(number, card, action)
        left -= lengths.tokens(compact)
        if left < 0 and shown:
            break
        shown.append((card.who, compact))
    return shown


def _compact(number: int, card: Card, action: Action) -> dict[str, Any]:
    """A card in the tool's format; external text is in fields marked external."""
    too_long = lengths.is_too_long(action)
    text: dict[str, Any] = (
        {"too_long": True, "review_url": links.card(card.action_id)}
        if too_long
        else {"body": card.body, "fingerprint": card.fingerprint}
    )
    whole = {
        "n": number,
        "action_id": card.action_id,
        "label": card.headline,
        "source": taint.source_of(action),
        "status_detail": card.status_detail,
        "on_behalf_of": card.on_behalf_of,
        "sender": card.sender,
        "recipients": [
            {"address": row.address, "kind": row.kind, "known": row.known}
            for row in card.recipients
        ],
        "subject": card.subject,
        **text,
        "changes": [] if too_long else changes_of(card),
        "notices": [
            *card.notices,
            *([conflicts.SENTENCE] if card.others else []),
            *([card.taint] if card.taint else []),
        ],
        "red_reasons": card.red[:RED_SHOWN],
        "changed_since_draft": [row.sentence for row in card.drift],
        "evidence": [
            {"id": row.id, "kind": row.kind, "source": row.source}
            | ({"at": clock.iso(row.at)} if row.at else {})
            for row in card.evidence
        ],
        "expires_at": clock.iso(card.expires_at) if card.expires_at else "",
    }
    return {key: value for key, value in whole.items() if value not in ("", [], None)}


def _grouped(shown: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for who, card in shown:
        groups.setdefault(who, []).append(card)
    return [{"asked_by": who, "cards": cards} for who, cards in groups.items()]


def _next(total: int) -> str:
    if not total:
        return "Nothing is waiting."
    return (
        "Show the cards to the person. Pass on only the person's decisions, one card at a time, "
        "each with its fingerprint; or give them confirm_url."
    )


def _cursor(action_id: str) -> str:
    return signing.dumps(action_id, salt=_SALT)


def _read_cursor(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        return str(signing.loads(cursor, salt=_SALT))
    except signing.BadSignature as error:
        raise ValidationFailed(
            "Invalid cursor: use next_cursor from an earlier answer.", field="cursor"
        ) from error
