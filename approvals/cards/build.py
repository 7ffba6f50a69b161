"""The queue and its cards, for pages and the review tool."""

import difflib
import re
from dataclasses import replace
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from approvals import labels, registry
from approvals.attention import lists
from approvals.cards.card import Card, DiffPart, FieldChange, HistoryEntry, Other, Party, Queue, Row
from approvals.drafting import audience, conflicts, drift, evidence, taint, timing
from approvals.drafting.assessment import Assessment
from approvals.drafting.drift import Redraft
from approvals.known_recipients import known_among
from approvals.models import Action, Attention, Recipient
from approvals.policy import rights
from approvals.vocabulary import ENDED, HELD, Detail, Status
from core import clock
from core.access import Role
from core.actor import Actor
from core.schemas import has_invisible, plain_name
from crm.search import fold
from identities.providers.rendering import links_of

ROWS_SHOWN = 100
MOST_COMPARED = 90_000  # pairs of words
_AS_STORED = (
    *("type", "status", "status_detail", "fingerprint", "version", "description"),
    *("created_at", "expires_at", "runs_at", "undo_until", "decided_at"),
)
_TABS = ("waiting", "soon", "done", "attention")


def queue(
    actor: Actor, *, tab: str = "waiting", type_name: str = "", agent_id: str = "", search: str = ""
) -> Queue:
    """One tab of the queue (waiting: oldest first) and the count of each tab."""
    chosen = tab if tab in _TABS else "waiting"
    rows = _tab(actor, chosen)
    if type_name:
        rows = rows.filter(type=type_name)
    if agent_id:
        rows = rows.filter(agent_id=agent_id)
    if search:
        rows = rows.filter(
            Q(recipients__address__icontains=search)
            | Q(contact__search_text__contains=fold(search))
            | Q(requester_name__icontains=search)
        ).distinct()
    order = "created_at" if chosen == "waiting" else "-updated_at"
    found = rows.select_related("contact", "decided_by").order_by(order, "id")[:ROWS_SHOWN]
    asked = lists.of_actions(actor) if chosen == "attention" else {}
    return Queue(
        tab=chosen,
        rows=[_row(actor, action, asked.get(str(action.pk), [])) for action in found],
        counts=_counts(actor) | {"attention": lists.count(actor)},
        alerts=lists.alerts(actor) if chosen == "attention" else [],
        types=[(kind.name, kind.label) for kind in registry.TYPES.values()],
        agents=_agents(actor, chosen),
    )


def waiting_count(actor: Actor) -> int:
    """The number of actions waiting for a person in the workspace."""
    return _tab(actor, "waiting").count()


def card(actor: Actor, action_id: str) -> Card:
    """One complete card; raises NotFound."""
    return card_of(actor, _one(actor, action_id))


def shown(actor: Actor, action_id: str) -> Card:
    """The card for a page, with data fetched from its provider over the network now."""
    action = _one(actor, action_id)
    found = card_of(actor, action)
    if not found.may_decide:
        return found
    now = audience.count_recipients(action)
    return replace(found, audience=now.sentence, audience_token=now.token)


def _one(actor: Actor, action_id: str) -> Action:
    rows = Action.objects.visible_to(actor).select_related("contact", "decided_by")
    return rows.one(action_id, "action")


def card_of(actor: Actor, action: Action) -> Card:
    """The card of a row of the ledger."""
    message, seen = action.rendered or {}, Assessment(actor, action)
    is_open = action.status == Status.PENDING or action.status in HELD
    again, drifts = (seen.again, seen.drifts) if is_open else (None, [])
    body = str(message.get("text", ""))
    return Card(
        **{name: getattr(action, name) for name in _AS_STORED},
        action_id=str(action.pk),
        label=labels.label(action),
        headline=labels.headline(action),
        who=labels.asked_by(action),
        on_behalf_of=action.requester_name if action.client else "",
        state=labels.state(action),
        sender=str(message.get("from", "")),
        recipients=_parties(actor, seen.recipients),
        subject=str(message.get("subject", "")),
        body=body,
        changes=_changes(action, again),
        why=str(action.policy.get("why", "")),
        red=list(action.red_reasons),
        evidence=evidence.named(actor, [str(found) for found in action.evidence]),
        drift=drifts,
        taint=taint.said_of(actor, action),
        seen=drift.drift_ids(drifts),
        links=links_of(body),
        has_hidden_characters=_has_hidden_characters(action),
        undo_note=_undo_note(action),
        params=dict(action.params),
        edited=_edited(action),
        history=_history(action),
        receipt=str((action.receipt or {}).get("sentence", "")),
        external=str((action.receipt or {}).get("external", "")),
        decided_by=str(action.decided_by or ""),
        not_before=action.scheduled_time,
        **_about(action),
        notices=_notices(seen, again),
        **_beside(seen),
        **_permissions(actor, action) | _aftermath(actor, action),
    )


def _about(action: Action) -> dict[str, Any]:
    """The contact it is about, and the agent and run it comes from."""
    return {
        "contact_id": str(action.contact_id) if action.contact_id else None,
        "contact_name": plain_name(str(action.contact)) if action.contact else "",
        "agent_id": str(action.agent_id or ""),
        "run_id": str(action.run_id or ""),
    }


def _beside(seen: Assessment) -> dict[str, Any]:
    """Other messages to the person, while this one waits."""
    found = seen.to_settle if seen.action.status == Status.PENDING else []
    shown = [
        Other(str(row.pk), labels.headline(row), labels.asked_by(row), labels.state(row))
        for row in found
    ]
    return {"others": shown, "beside": conflicts.conflict_ids(found)}


def _permissions(actor: Actor, action: Action) -> dict[str, Any]:
    """The reader's permissions on the card now."""
    return {
        "may_decide": _may_decide(actor, action),
        "may_reject": action.status == Status.PENDING and actor.has_role(Role.REVIEWER),
        "may_edit": _may_edit(actor, action),
        "may_undo": _may_undo(actor, action),
        "may_withdraw": action.status == Status.PENDING and rights.is_own_draft(actor, action),
    }


def _aftermath(actor: Actor, action: Action) -> dict[str, Any]:
    """Why the reader's attention is needed, and the available actions after a failure."""
    has_part = actor.has_role(Role.REVIEWER) or (
        action.requested_by_id == actor.user_id and actor.has_role(Role.MEMBER)
    )
    is_unknown = action.status_detail == Detail.OUTCOME_UNKNOWN
    asked = lists.sentences(actor, str(action.pk))
    successor = action.replaced_by.order_by("-id").values_list("pk", flat=True).first()
    return {
        "attention": asked,
        "may_draft_again": has_part and rights.can_be_drafted_again(action),
        "may_settle": is_unknown and actor.has_role(Role.REVIEWER),
        "may_drop": bool(asked) and has_part and action.status in ENDED and not is_unknown,
        "replaces_id": str(action.replaces_id or ""),
        "replaced_by_id": str(successor or ""),
    }


def _has_hidden_characters(action: Action) -> bool:
    message = action.rendered or {}
    changes = action.drafted_on.get("preview", {}).get("changes", [])
    texts = [message.get("text", ""), message.get("subject", "")]
    return any(has_invisible(str(t)) for t in [*texts, *(c["will_be"] for c in changes)])


def _history(action: Action) -> list[HistoryEntry]:
    steps = action.steps.order_by("at", "id")
    return [HistoryEntry(step.at, step.who, step.what) for step in steps]


def _may_decide(actor: Actor, action: Action) -> bool:
    role = rights.role_to_approve(registry.TYPES[action.type])
    waits = action.status == Status.PENDING and actor.has_role(role)
    return waits and not rights.is_too_close(actor, action)


def _notices(seen: Assessment, again: Redraft | None) -> list[str]:
    """Who must approve it instead, what prevents it from going out, and possible duplicates of the
    record it would create.
    """
    action = seen.action
    waits = action.status == Status.PENDING and not _may_decide(seen.actor, action)
    by_whom = [rights.who_decides(registry.TYPES[action.type], action.policy)] if waits else []
    if action.status == Status.PENDING:
        # For listed messages the card says more than the finding.
        listed = bool(seen.to_settle)
        said = [row.sentence for row in seen.findings]
        by_whom += [one for one in said if not (listed and one == conflicts.SENTENCE)]
    preview = again.draft.preview if again and again.draft else None
    twins = preview.possible_duplicates if preview else []
    return by_whom + [
        f"Possible duplicate of {row.get('email') or row['domain']}: {row['why']}." for row in twins
    ]


def _tab(actor: Actor, tab: str) -> QuerySet[Action]:
    rows = Action.objects.visible_to(actor)
    if tab == "attention":
        return rows.filter(pk__in=Attention.objects.open_for(actor).order_by().values("action"))
    return rows.filter(_tabs()[tab])


def _tabs() -> dict[str, Q]:
    """The content of the status tabs; "done" lists today's."""
    return {
        "waiting": Q(status=Status.PENDING),
        "soon": Q(status__in=[*HELD, Status.RUNNING]),
        "done": Q(status__in=ENDED, updated_at__gte=clock.midnight_in(UTC)),
    }


def _counts(actor: Actor) -> dict[str, int]:
    """The number of items in each of these tabs, in one statement."""
    tabs = _tabs()
    listed = Action.objects.visible_to(actor).filter(Q(*tabs.values(), _connector=Q.OR))
    return listed.aggregate(**{name: Count("pk", filter=of) for name, of in tabs.items()})


def _agents(actor: Actor, tab: str) -> list[tuple[str, str]]:
    """The requesting agents in a tab, by their name at the latest request."""
    rows = _tab(actor, tab).filter(agent_id__isnull=False).order_by("created_at", "id")
    named = {str(found): name for found, name in rows.values_list("agent_id", "requester_name")}
    return sorted(named.items(), key=lambda pair: pair[1].casefold())


def _row(actor: Actor, action: Action, asked: list[str]) -> Row:
    message = action.rendered or {}
    preview = action.drafted_on.get("preview", {})
    changed = ", ".join(change["label"] for change in preview.get("changes", []))
    return Row(
        action_id=str(action.pk),
        type=action.type,
        label=labels.label(action),
        headline=labels.headline(action),
        who=labels.asked_by(action),
        excerpt=plain_name(str(message.get("subject") or changed), 120),
        status=action.status,
        state=labels.state(action),
        attention=asked,
        created_at=action.created_at,
        expires_at=action.expires_at,
        runs_at=action.runs_at,
        red=list(action.red_reasons),
        may_undo=_may_undo(actor, action),
        contact_name=plain_name(str(action.contact)) if action.contact else "",
    )


def _parties(actor: Actor, rows: list[Recipient]) -> list[Party]:
    known = known_among(actor.workspace_id, [row.address for row in rows])
    return [
        Party(
            address=row.address,
            kind=row.kind,
            known=row.address in known,
            name=plain_name(row.contact.full_name) if row.contact else "",
            contact_id=str(row.contact_id) if row.contact_id else None,
        )
        for row in sorted(rows, key=lambda row: ("to", "cc", "bcc").index(row.kind))
    ]


def _changes(action: Action, again: Redraft | None) -> list[FieldChange]:
    """The fields of a record change; while it waits, with their values now."""
    drafted = action.drafted_on.get("preview", {}).get("changes", [])
    now = _values_now(action, again) if action.status == Status.PENDING and again else {}
    return [
        FieldChange(
            label=change["label"],
            now=now.get(change["field"], change["now"]),
            will_be=change["will_be"],
            at_drafting=change["now"],
            drifted=now.get(change["field"], change["now"]) != change["now"],
        )
        for change in drafted
    ]


def _values_now(action: Action, again: Redraft) -> dict[str, str]:
    draft = again.draft
    if draft is None or draft.preview is None:
        return {}
    still = {change.field: change.now for change in draft.preview.changes}
    drafted = action.drafted_on.get("preview", {}).get("changes", [])
    # A field that would no longer change already has the requested value.
    return {c["field"]: still.get(c["field"], c["will_be"]) for c in drafted}


def _undo_note(action: Action) -> str:
    if registry.TYPES[action.type].executor is None:
        return "Runs immediately and can be undone"
    if action.scheduled_time and action.scheduled_time > clock.now():
        return "Until it is sent"
    seconds = timing.shown_window(settings.UNDO_WINDOW_SECONDS)
    return f"For {seconds} s after approval, then it is sent"


def _may_edit(actor: Actor, action: Action) -> bool:
    is_open = action.status == Status.PENDING or action.status in HELD
    return is_open and (
        actor.has_role(Role.REVIEWER)
        or (action.requested_by_id == actor.user_id and actor.has_role(Role.MEMBER))
    )


def _may_undo(actor: Actor, action: Action) -> bool:
    return rights.can_be_undone(action) and rights.may_undo(actor, action)


def _edited(action: Action) -> list[DiffPart]:
    """A word diff of the last edit of subject and text."""
    if not action.edit_before or not action.rendered:
        return []
    before = f"{action.edit_before['subject']}\n\n{action.edit_before['text']}"
    after = f"{action.rendered['subject']}\n\n{action.rendered['text']}"
    return _word_diff(before, after) if before != after else []


def _word_diff(before: str, after: str) -> list[DiffPart]:
    old, new = re.split(r"(\s+)", before), re.split(r"(\s+)", after)
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
    return [
        *_part("same", old[:head]),
        *_middle(gone, come),
        *_part("same", old[len(old) - tail :]),
    ]


def _middle(old: list[str], new: list[str]) -> list[DiffPart]:
    # The matcher needs cubic time in the worst case: a draft of one repeated word.
    if len(old) * len(new) > MOST_COMPARED:
        return [*_part("gone", old), *_part("new", new)]
    parts: list[DiffPart] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts += _part("same", new[j1:j2])
        else:
            parts += [*_part("gone", old[i1:i2]), *_part("new", new[j1:j2])]
    return parts


def _shared(one: list[str], other: list[str]) -> int:
    """The length of the common prefix, in words."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _part(kind: str, labels: list[str]) -> list[DiffPart]:
    return [DiffPart(kind, "".join(labels))] if labels else []
