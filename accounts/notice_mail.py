"""The text of notices: our words only, lines and links; no link decides anything."""

from datetime import timedelta

from django.conf import settings

from accounts.models import Notice
from accounts.notification_channels import Digest
from core import clock
from core.schemas import plain_name

_SHOWN = 20
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
_FOOT = (
    "The links in this e-mail require you to log in; opening one decides nothing. "
    "Change your notifications: {base}/settings/me/"
)


def compose(notices: list[Notice]) -> Digest:
    """One digest for one person about one workspace."""
    place = plain_name(notices[0].workspace.name, 40)
    count = len(notices)
    first = _words(notices[0])
    heading = f"[{place}] {first}" if count == 1 else f"[{place}] {count} notifications"
    entries = [_entry(notice) for notice in notices[:_SHOWN]]
    if count > _SHOWN:
        entries.append((f"And {count - _SHOWN} more.", f"{settings.PUBLIC_BASE_URL}/settings/me/"))
    return Digest(heading, entries)


def render(what: Digest) -> tuple[str, str]:
    """Subject and text of its mail."""
    lines = [f"{words}\n{url}" for words, url in what.entries]
    foot = _FOOT.format(base=settings.PUBLIC_BASE_URL)
    return what.heading, "\n\n".join([*lines, "--\n" + foot]) + "\n"


def _entry(notice: Notice) -> tuple[str, str]:
    age = _age(clock.now() - notice.created_at)
    path = str(notice.facts.get("path", "/"))
    return f"{_words(notice)}, {age}", f"{settings.PUBLIC_BASE_URL}{path}"


def _words(notice: Notice) -> str:
    what = str(notice.facts.get("what", ""))
    name = plain_name(str(notice.facts.get("name", "")))
    return f"{what} ({name})" if name else what


def _age(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    found = next((f"{seconds // size} {unit} ago" for size, unit in _UNITS if seconds >= size), "")
    return found or "just now"
