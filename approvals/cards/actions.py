from typing import Any

from approvals import labels, links, registry
from approvals.cards import lengths
from approvals.cards.build import card_of
from approvals.cards.card import Card
from approvals.drafting import taint
from approvals.models import Action
from approvals.schemas.actions import (
    ActionDetails,
    ActionOut,
    ActionPage,
    ActionSummary,
    GetAction,
    ListActions,
)
from approvals.vocabulary import Status
from core import clock
from core.access import Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.schemas import plain_name
from crm.queries.windows import window_of

HISTORY_SHOWN = 50
RED_SHOWN = 50
_TWINS = {"html", "request"}


@operation(
    "approvals.action.list", schema=ListActions, scope=Scope.ACTIONS_READ, effect=Effect.READ
)
def list_actions(actor: Actor, data: ListActions) -> ActionPage:
    """A page of the ledger."""
    if data.type is not None:
        registry.named(data.type)
    conditions = {
        "status": data.status,
        "type": data.type,
        "identity": data.identity_id,
        "contact": data.contact_id,
        "agent_id": data.agent_id,
    }
    given = {name: value for name, value in conditions.items() if value is not None}
    window = window_of(actor, data.created_after, data.created_before)
    rows = Action.objects.visible_to(actor).filter(window.of("created_at"), **given)
    sign = "-" if data.sort_dir == "desc" else ""
    ordered = rows.select_related("decided_by").order_by(f"{sign}{data.sort_by}", f"{sign}id")
    found = list(ordered[data.skip : data.skip + data.limit])
    summary = data.fields == "summary"
    return ActionPage(
        actions=[summary_of(row) if summary else _in_list(row) for row in found],
        pagination={"total_items": rows.count(), "limit": data.limit, "skip": data.skip},
    )


@operation("approvals.action.get", schema=GetAction, scope=Scope.ACTIONS_READ, effect=Effect.READ)
def get_action(actor: Actor, data: GetAction) -> ActionDetails:
    """One action: its effect, drift, history and receipt."""
    rows = Action.objects.visible_to(actor).select_related("contact", "decided_by")
    action = rows.one(data.action_id, "action")
    card = card_of(actor, action)
    too_long = lengths.is_too_long(action)
    message = None if too_long else _message(action)
    changes = changes_of(card)
    crowded = lengths.tokens([message, changes, action.params]) > lengths.ANSWER_TOKENS
    return ActionDetails(
        action=_in_list(action) if too_long or crowded else action_out(action),
        too_long=True if too_long else None,
        fingerprint=None if too_long else action.fingerprint,
        message=message,
        changes=None if too_long else changes or None,
        red_reasons=card.red[:RED_SHOWN] or None,
        changed_since_draft=[row.sentence for row in card.drift] or None,
        history=[
            {"at": clock.iso(row.at), "who": row.who, "what": row.what}
            for row in card.history[-HISTORY_SHOWN:]
        ],
        receipt=_receipt(action),
        review_url=links.card(str(action.pk)),
    )


def changes_of(card: Card) -> list[dict[str, Any]]:
    """The fields of a record change; their current values may be external text."""
    return [
        {"field": row.label, "now": row.now, "will_be": row.will_be, "source": "external"}
        for row in card.changes
    ]


def action_out(action: Action) -> ActionOut:
    """A row in the APIs' format."""
    return ActionOut(
        action_id=str(action.pk),
        id=str(action.pk),
        type=action.type,
        status=Status(action.status),
        status_detail=action.status_detail or None,
        headline=labels.headline(action),
        params=action.params,
        source=taint.source_of(action),
        identity_id=_text(action.identity_id),
        contact_id=_text(action.contact_id),
        company_id=_text(action.company_id),
        description=action.description or None,
        asked_by=labels.asked_by(action),
        why=str(action.policy.get("why", "")) or None,
        scheduled_time=action.scheduled_time,
        runs_at=action.runs_at,
        expires_at=action.expires_at if action.status == Status.PENDING else None,
        decided_by=str(action.decided_by) if action.decided_by else None,
        decided_at=action.decided_at,
        created_at=action.created_at,
        updated_at=action.updated_at,
    )


def _in_list(action: Action) -> ActionOut:
    """A row with params cut to fit a page of rows; get_action returns them whole."""
    params, is_cut = lengths.cut_params(action.params)
    whole = action_out(action)
    cut = {
        "params": params,
        "params_cut": True if is_cut else None,
        "description": _short(whole.description),
        "why": _short(whole.why),
    }
    return whole.model_copy(update=cut)


def summary_of(action: Action) -> ActionSummary:
    """A row in about 200 bytes."""
    return ActionSummary(
        action_id=str(action.pk),
        type=action.type,
        status=Status(action.status),
        status_detail=action.status_detail or None,
        headline=labels.headline(action),
        contact_id=_text(action.contact_id),
        created_at=action.created_at,
    )


def _receipt(action: Action) -> dict[str, Any] | None:
    """The receipt; the provider's text is shown in the dashboard only (sending-11)."""
    if action.receipt is None:
        return None
    return {key: value for key, value in action.receipt.items() if key != "external"}


def _message(action: Action) -> dict[str, Any] | None:
    """The stored rendering without its HTML and wire forms, which have the same content."""
    if action.rendered is None:
        return None
    shown = {key: value for key, value in action.rendered.items() if key not in _TWINS}
    return {**shown, "source": taint.source_of(action)}


def _short(text: str | None) -> str | None:
    return plain_name(text, 200) if text else None


def _text(value: object) -> str | None:
    return str(value) if value else None
