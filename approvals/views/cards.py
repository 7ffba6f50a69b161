"""Pages of specific cards: one by its URL, or those a chat has just shown."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import Request
from approvals import confirm as links
from approvals.cards import build
from approvals.cards.card import Card
from approvals.forms import EditForm
from approvals.views.queue import edit_form, flash
from approvals.vocabulary import REASON_CODES


@require_GET
def card(request: Request, action_id: str) -> HttpResponse:
    """The page behind review_url. Raises NotFound for another workspace's action."""
    return show_single(request, action_id)


def show_single(
    request: Request, action_id: str, *, form: EditForm | None = None, status: int = 200
) -> HttpResponse:
    """One card on a page of its own; with a `form` as it is being edited."""
    shown = build.shown(request.actor, action_id)
    editing = shown.may_edit and ("edit" in request.GET or form is not None)
    context = {
        "card": shown,
        "problem": flash(request),
        "editing": editing,
        "form": form or (edit_form(shown) if editing else None),
        "reasons": REASON_CODES,
    }
    return render(request, "approvals/single.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Shown:
    """A card of the confirm page, and a notice if it differs from the one shown in chat."""

    card: Card
    notice: str


@require_GET
def confirm(request: Request, token: str) -> HttpResponse:
    """Exactly the cards named in the signed token; viewing them decides nothing."""
    actor = request.actor
    named = dict(links.read_token(actor, token))
    items = [
        Shown(each, _notice(each, named.get(each.action_id, "")))
        for each in (build.shown(actor, action_id) for action_id in named)
    ]
    context = {"items": items, "token": token, "reasons": REASON_CODES}
    return render(request, "approvals/confirm.html", context)


def _notice(shown: Card, fingerprint: str) -> str:
    if shown.may_decide and shown.fingerprint != fingerprint:
        return "This changed after you saw it in the chat. Read it again before you decide."
    return ""
