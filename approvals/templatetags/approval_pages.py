"""Template tags and filters for the queue's pages. They escape all text."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django import template
from django.utils.html import format_html, format_html_join

from approvals.attention.lists import count as count_attention
from approvals.cards import texts
from approvals.cards.build import waiting_count as count_waiting
from approvals.cards.card import Card, DiffPart, Party
from core import clock
from core.actor import Actor

register = template.Library()

_CONTEXT = 60
_NEAR = timedelta(hours=4)
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
_ICONS = {
    "email_message": "mail",
    "resend_send_email": "mail",
    "create_contact": "user-pen",
    "update_contact": "user-pen",
    "update_lifecycle_stage": "user-pen",
    "create_company": "building-2",
    "update_company": "building-2",
    "create_note": "sticky-note",
    "create_task": "list-checks",
    "escalate_to_human": "triangle-alert",
    "send_slack_message": "message-square",
    "linkedin_message": "message-square",
    "linkedin_connection": "link",
    "update_agent": "bot",
    "mcp_tool_call": "plug",
}


@register.filter
def waiting_count(actor: Actor | None) -> int:
    """The number of items waiting for a person, for the badge of Queue."""
    return count_waiting(actor) if actor else 0


@register.filter
def attention_count(actor: Actor | None) -> int:
    """The number of this person's attention items, for the badge on every page."""
    return count_attention(actor) if actor else 0


@register.filter
def icon_file(action_type: str) -> str:
    """The template of a type's icon."""
    return f"icons/{_ICONS.get(action_type, 'sticky-note')}.svg"


@register.filter
def age(moment: datetime) -> str:
    """The age in one unit: "now", "5 min", "3 h", "2 d"."""
    return _in_words(clock.now() - moment) or "now"


@register.filter
def ago(moment: datetime) -> str:
    """The same as part of a sentence: "just now", "5 min ago"."""
    words = _in_words(clock.now() - moment)
    return f"{words} ago" if words else "just now"


@register.filter
def left(moment: datetime) -> str:
    """The time left, in one unit; "no time" when it has passed."""
    return _in_words(moment - clock.now()) or "no time"


@register.filter
def is_near(moment: datetime | None) -> bool:
    """Whether less than four hours are left."""
    return moment is not None and moment - clock.now() < _NEAR


@register.filter
def stamp(card: Card | None) -> str:
    """A value that changes whenever the card must be rendered again."""
    if card is None or not card:
        return ""
    around = f"{len(card.drift)}:{len(card.others)}"
    return f"{card.action_id}:{card.version}:{card.status}:{card.status_detail}:{around}"


@register.filter
def is_stopped(card: Card) -> bool:
    """Whether drift prevents approval until an edit."""
    return any(change.stops for change in card.drift)


@register.filter
def change_heads(card: Card) -> tuple[str, str]:
    """The column headings of a record change: old and requested values."""
    if card.status != "completed":
        return "Now", "New"
    return ("Before", "Was set to") if card.state == "Done, then undone" else ("Was", "Is")


@register.filter
def hunks(parts: list[DiffPart]) -> list[DiffPart]:
    """A word diff with about 60 characters of context around each change."""
    last = len(parts) - 1
    return [
        DiffPart("same", _context(part.text, is_first=at == 0, is_last=at == last))
        if part.kind == "same"
        else part
        for at, part in enumerate(parts)
    ]


@register.filter
def by_kind(parties: Iterable[Party]) -> list[tuple[str, list[Party]]]:
    """Recipients under to, cc and bcc, in this order."""
    listed = list(parties)
    kinds = [(kind, [party for party in listed if party.kind == kind]) for kind in _KINDS]
    return [(kind, members) for kind, members in kinds if members]


@register.filter
def shown(text: str) -> str:
    """Text made safe to read: invisible characters named, URLs highlighted, everything escaped."""
    return format_html_join("", "{}", ((_marked(piece),) for piece in texts.split_pieces(text)))


register.filter("ascii_host", texts.ascii_host)

_KINDS = ("to", "cc", "bcc")


def _marked(piece: texts.Piece) -> str:
    if piece.kind == "hidden":
        return format_html('<mark title="{}">{}</mark>', piece.name, piece.name)
    if piece.kind == "url":
        return format_html('<span class="url">{}</span>', piece.text)
    return piece.text


def _context(text: str, *, is_first: bool, is_last: bool) -> str:
    if len(text) <= _CONTEXT * (1 if is_first or is_last else 2):
        return text
    before = "" if is_first else text[:_CONTEXT].rpartition(" ")[0]
    after = "" if is_last else text[-_CONTEXT:].partition(" ")[2]
    return f"{before} … {after}"


def _in_words(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return ""
