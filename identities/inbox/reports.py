"""Reports about mail: bounces (RFC 3464) and complaints (RFC 5965).

Only a report that quotes a message id counts; its other claims are not trusted.
"""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from identities.inbox.parsing import header

_MESSAGE_ID = re.compile(r"^message-id:\s*<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """`message_id` is of the reported mail; `addresses` are those it names, in lower case.

    `kind` is bounced (for good: RFC 3463 class 5), delayed (not yet), or complaint.
    """

    kind: Literal["bounced", "delayed", "complaint"]
    message_id: str
    addresses: tuple[str, ...]


def report_in(message: EmailMessage) -> Report | None:
    """The report this message is, or None."""
    if message.get_content_type() != "multipart/report":
        return None
    about = _quoted_id(message)
    if about is None:
        return None
    match str(message.get_param("report-type", "")).lower():
        case "delivery-status":
            return _returned(message, about)
        case "feedback-report":
            return _complaint(message, about)
        case _:
            return None


def _returned(message: EmailMessage, about: str) -> Report | None:
    failed, delayed = [], []
    for block in _blocks(message, "message/delivery-status"):
        # The final one may be a name of another kind (RFC 3464 2.3.2).
        named = [header(block, name) for name in ("Final-Recipient", "Original-Recipient")]
        address = next(filter(None, map(_bare, named)), "")
        action, status = header(block, "Action").strip().lower(), header(block, "Status").strip()
        has_failed = action.startswith(("fail", "error"))  # OpenSMTPD writes "error"
        if address and has_failed and status.startswith("5"):
            failed.append(address)
        elif address and (has_failed or action.startswith("delayed")):
            delayed.append(address)
    if failed:
        return Report("bounced", about, tuple(dict.fromkeys(failed)))
    return Report("delayed", about, tuple(dict.fromkeys(delayed))) if delayed else None


def _complaint(message: EmailMessage, about: str) -> Report | None:
    blocks = _blocks(message, "message/feedback-report")
    named = [_bare(header(block, "Original-Rcpt-To")) for block in blocks]
    return Report("complaint", about, tuple(address for address in named if address))


def _blocks(message: EmailMessage, kind: str) -> list[EmailMessage]:
    """The groups of fields of the report's machine-readable part."""
    found: list[EmailMessage] = []
    for part in message.walk():
        if part.get_content_type() != kind:
            continue
        inner = part.get_payload()
        if isinstance(inner, list):
            found += [block for block in inner if isinstance(block, EmailMessage)]
        else:
            found.append(_fields(str(inner)))
    return found


def _fields(text: str) -> EmailMessage:
    block = EmailMessage()
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip() and name.strip() not in block:
            block[name.strip()] = value.strip()
    return block


def _bare(field: str) -> str:
    address = field.rpartition(";")[2].strip().strip("<>").lower()
    return address if address.count("@") == 1 and len(address) <= 254 else ""


def _quoted_id(message: EmailMessage) -> str | None:
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            found = _MESSAGE_ID.search(_quoted(part))
            if found:
                return found.group(1)
    return None


def _quoted(part: EmailMessage) -> str:
    inner = part.get_payload()
    if isinstance(inner, list):
        return "".join(
            f"Message-ID: {header(one, 'Message-ID')}\n"
            for one in inner
            if isinstance(one, EmailMessage)
        )
    return str(inner)
