"""Parses one message of a mailbox into the fields we use.

All of it is external text.
"""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

import nh3

from core.schemas import plain_name

MAX_TEXT = 20_000
MAX_REFERENCES = 50
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")
_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MANY_LINES = re.compile(r"\n{3,}")
# Words that mailboxes without RFC 3834's header put before an absence note's subject.
_ABSENCE = re.compile(
    r"^\W*(automatic reply|auto(?:matic)?[- ]?reply|autoreply|out of (?:the )?office"
    r"|abwesenheit|automatische antwort|réponse automatique|absence du bureau"
    r"|respuesta automática|risposta automatica|automatisch antwoord)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A message: ids without their brackets, addresses in lower case, the text cut at 20,000.

    `is_automatic` is true for absence notes, lists and other automatic mail (RFC 3834). `dmarc_of`
    is the domain for which the receiving server says DMARC passed, if any.
    """

    message_id: str
    references: tuple[str, ...]
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    sent_at: datetime | None
    is_automatic: bool
    dmarc_of: str | None


def parsed(raw: bytes) -> EmailMessage:
    """The message's structure; malformed parts are kept as they are."""
    return message_from_bytes(raw, policy=policy.default)


def parse_mail(message: EmailMessage, *, checked_by: str) -> ReceivedMail | None:
    """The message, or None if it has no id or sender.

    `checked_by` is the authserv-id (RFC 8601) of the mailbox's own server; without it no check
    counts.
    """
    ids = _MESSAGE_ID.findall(header(message, "Message-ID"))
    senders = _addresses(message, "From")
    if not ids or len(senders) != 1:
        return None
    return ReceivedMail(
        message_id=ids[0],
        references=references_of(message),
        sender=senders[0],
        recipients=tuple(dict.fromkeys([*_addresses(message, "To"), *_addresses(message, "Cc")])),
        subject=plain_name(header(message, "Subject"), 500),
        text=text_of(message),
        sent_at=moment_of(header(message, "Date")),
        is_automatic=_is_automatic(message),
        dmarc_of=_dmarc(message, checked_by),
    )


def header(message: EmailMessage, name: str) -> str:
    """A header's text, or empty: external headers may not parse."""
    try:
        return str(message.get(name, ""))
    except (MessageError, ValueError, LookupError, IndexError, AttributeError, TypeError):
        return ""


def references_of(message: EmailMessage) -> tuple[str, ...]:
    """The ids this answers, oldest first: References, then In-Reply-To (RFC 5322 3.6.4)."""
    found = _MESSAGE_ID.findall(header(message, "References"))
    found += _MESSAGE_ID.findall(header(message, "In-Reply-To"))
    return tuple(dict.fromkeys(found[:1] + found[1:][-MAX_REFERENCES:]))


def text_of(message: EmailMessage) -> str:
    """The readable text: the plain part, else the HTML part without its marks."""
    try:
        part = message.get_body(("plain", "html"))
        body = str(part.get_content()) if part else ""
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):
        return ""
    if part is not None and part.get_content_subtype() == "html":
        body = html.unescape(nh3.clean(_BREAKS.sub("\n", body), tags=set()))
    body = _CONTROL.sub("", body.replace("\r\n", "\n").encode("utf-8", "replace").decode())
    body = _MANY_LINES.sub("\n\n", body).strip()
    return body if len(body) <= MAX_TEXT else f"{body[: MAX_TEXT - 1]}…"


def _addresses(message: EmailMessage, name: str) -> list[str]:
    found = [address.strip().lower() for _, address in getaddresses([header(message, name)])]
    return [address for address in found if address.count("@") == 1 and len(address) <= 254]


def moment_of(text: str) -> datetime | None:
    """A mail date (RFC 5322 3.3), or None; without a zone it is UTC."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_automatic(message: EmailMessage) -> bool:
    automatic = header(message, "Auto-Submitted").strip().lower()
    return (
        bool(automatic and not automatic.startswith("no"))
        or header(message, "Precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}
        or bool(header(message, "List-Id"))
        or bool(header(message, "X-Autoreply") or header(message, "X-Autorespond"))
        or header(message, "Return-Path").strip() == "<>"
        or bool(_ABSENCE.match(header(message, "Subject")))
    )


def _dmarc(message: EmailMessage, checked_by: str) -> str | None:
    """Only our own server's topmost check counts: lower ones may be forged (RFC 8601 5)."""
    if not checked_by:
        return None
    try:
        checks = [str(value) for value in message.get_all("Authentication-Results", [])]
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):
        return None
    for check in checks:
        name, _, results = check.partition(";")
        if name.split()[:1] == [checked_by]:
            return _passed(results)
    return None


def _passed(results: str) -> str | None:
    for result in re.sub(r"\([^()]*\)", " ", results).split(";"):
        words = result.split()
        if words[:1] == ["dmarc=pass"]:
            named = [word.partition("=")[2] for word in words if word.startswith("header.from=")]
            return named[0].lower() if named else None
    return None
