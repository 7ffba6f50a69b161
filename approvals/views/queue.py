"""The queue: its list and one card, in one page that works with and without JavaScript."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.http import Request
from approvals.cards import build
from approvals.cards.card import Card, Queue
from approvals.forms import EditForm
from approvals.vocabulary import REASON_CODES
from core.access import Role
from core.actor import Actor
from core.errors import NotFound

TABS = {
    "waiting": "Waiting",
    "soon": "Sending soon",
    "done": "Done today",
    "attention": "Attention",
}

NO_CARD = "This action does not exist or belongs to another workspace."


@require_GET
def queue(request: Request) -> HttpResponse:
    """`?tab=&type=&agent=&q=` choose the list, `item` the card, `next` the one after a decision."""
    return show_board(request, asked(request))


def asked(request: Request) -> dict[str, str]:
    """The board selected by the URL or the form; an unknown tab means the first one."""
    given = request.POST if request.method == "POST" else request.GET
    tab = given.get("tab", "")
    return {
        "tab": tab if tab in TABS else "waiting",
        "type": given.get("type", "")[:40],
        "agent": _clean(given.get("agent", ""))[:64],
        "q": _clean(given.get("q", ""))[:100],
    }


def board_url(wanted: dict[str, str], **more: str) -> str:
    """The URL of a board, without empty values."""
    given = {**wanted, **more}
    return (
        f"{reverse('queue')}?{urlencode({name: value for name, value in given.items() if value})}"
    )


def show_board(
    request: Request,
    wanted: dict[str, str],
    *,
    item: str = "",
    form: EditForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page. With a `form` the card is shown as it is being edited."""
    actor = request.actor
    listed = build.queue(
        actor,
        tab=wanted["tab"],
        type_name=wanted["type"],
        agent_id=wanted["agent"],
        search=wanted["q"],
    )
    card, problem = _card(actor, _chosen(request, listed, item))
    editing = card is not None and card.may_edit and ("edit" in request.GET or form is not None)
    context: dict[str, Any] = {
        "queue": listed,
        "tabs": [(name, words, listed.counts.get(name, 0)) for name, words in TABS.items()],
        "type": wanted["type"],
        "agent": wanted["agent"],
        "text": wanted["q"],
        "base": board_url(wanted),
        "here": board_url(wanted, item=card.action_id if card else ""),
        "opened": bool(item or request.GET.get("item") or (request.GET.get("next") and card)),
        "card": card,
        "next_item": _following(listed, card),
        "problem": problem or ("" if "live" in request.GET else flash(request)),
        "done": _done(actor, request),
        "editing": editing,
        "form": form or (edit_form(card) if card and editing else None),
        "reasons": REASON_CODES,
        "decides": actor.has_role(Role.REVIEWER),
        "is_unused": not any(listed.counts.values()),
        "mcp_url": f"{settings.PUBLIC_BASE_URL}/mcp",
    }
    return render(request, "approvals/queue.html", context, status=status)


def edit_form(card: Card) -> EditForm:
    """The form filled with a card's params."""
    return EditForm(card.params, initial={"version": card.version})


def flash(request: Request) -> str:
    """The error of the last decision, shown once."""
    return " ".join(str(message) for message in messages.get_messages(request))


def _chosen(request: Request, listed: Queue, item: str) -> str:
    wanted = item or request.GET.get("item", "")
    if wanted:
        return wanted
    ids = [row.action_id for row in listed.rows]
    following = request.GET.get("next", "")
    return following if following in ids else next(iter(ids), "")


def _card(actor: Actor, action_id: str) -> tuple[Card | None, str]:
    if not action_id:
        return None, ""
    try:
        return build.shown(actor, action_id), ""
    except NotFound:
        return None, NO_CARD


def _following(listed: Queue, card: Card | None) -> str:
    ids = [row.action_id for row in listed.rows]
    if card is None or card.action_id not in ids:
        return ""
    at = ids.index(card.action_id)
    return ids[at + 1] if at + 1 < len(ids) else ids[at - 1] if at else ""


def _done(actor: Actor, request: Request) -> Card | None:
    return _card(actor, request.GET.get("done", ""))[0]


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()
