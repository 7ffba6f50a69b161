"""Reads the folder that fakes/mail_sink.py writes."""

import email
import email.policy
import json
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from core.errors import NotFound

_NAME = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Received:
    """One received message: its envelope as facts, its bytes as they came."""

    id: str
    received_at: datetime
    mail_from: str
    rcpt_to: list[str]
    login: str | None
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed message."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def subject(self) -> str:
        """The decoded Subject header."""
        return str(self.message.get("Subject", ""))

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Every header, decoded, in order."""
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        """The plain text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part's source."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        if part is None:
            return ""
        content = part.get_payload(decode=True)
        charset = part.get_content_charset("utf-8")
        raw = content if isinstance(content, bytes) else b""
        try:
            return raw.decode(charset, "replace")
        except LookupError:
            return raw.decode("utf-8", "replace")


def newest(count: int = 100) -> list[Received]:
    """The last messages, newest first."""
    folder: Path = settings.VAR_DIR / "mail"
    names = sorted((path.stem for path in folder.glob("*.json")), reverse=True)
    return [read(name) for name in names[:count]]


def read(name: str) -> Received:
    """One message; raises NotFound."""
    folder: Path = settings.VAR_DIR / "mail"
    if not _NAME.fullmatch(name):
        raise NotFound("message")
    try:
        facts = json.loads((folder / f"{name}.json").read_text())
        raw = (folder / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        raise NotFound("message") from None
    return Received(
        id=name,
        received_at=datetime.fromisoformat(facts["received_at"]),
        mail_from=facts["mail_from"],
        rcpt_to=facts["rcpt_to"],
        login=facts["login"],
        raw=raw,
    )
