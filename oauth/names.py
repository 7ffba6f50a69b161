"""Self-given names of apps: cleaned, and withheld if they imitate a known product."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from core.schemas import plain_name
from oauth.redirects import Destination

MAX_LENGTH = 60

_ANTHROPIC = frozenset({"claude.ai", "claude.com", "anthropic.com"})
_OPENAI = frozenset({"chatgpt.com", "openai.com"})
_MICROSOFT = frozenset({"vscode.dev", "insiders.vscode.dev"})
PROTECTED: dict[str, frozenset[str]] = {
    "claude": _ANTHROPIC,
    "anthropic": _ANTHROPIC,
    "chatgpt": _OPENAI,
    "openai": _OPENAI,
    "codex": _OPENAI,
    "cursor": frozenset({"cursor:", "cursor.com"}),
    "vscode": _MICROSOFT,
    "visualstudiocode": _MICROSOFT,
    "pathbound": frozenset(),
}

# Characters that look like Latin ones, for comparison only (a short list of Unicode TR39's table).
_LOOKALIKES = str.maketrans(
    "асԁеһіјӏорԛѕтухԝαεικνορτυω01345|ıɑɡ",  # Cyrillic, Greek, signs
    "acdehijlopqstyxwaeikvoptuwoleasliag",
)


@dataclass(frozen=True, slots=True)
class ShownName:
    """A self-given name as a page may show it; `text` is empty if it is withheld."""

    text: str
    withheld: bool = False


def shown_name(given: str, destination: Destination, client_id: str) -> ShownName:
    """An app's own name for display: at most 60 visible characters, and no imitated name.

    A protected name is shown only with its own redirect host or metadata document host.
    """
    text = plain_name(unicodedata.normalize("NFKC", given), MAX_LENGTH)
    places = {destination.host, _document_host(client_id)}
    folded = _fold(text)
    for word, homes in PROTECTED.items():
        own = homes or {urlsplit(settings.PUBLIC_BASE_URL).hostname}
        if word in folded and not places & own:
            return ShownName("", withheld=True)
    return ShownName(text)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[^a-z]", "", plain.translate(_LOOKALIKES))


def _document_host(client_id: str) -> str | None:
    return urlsplit(client_id).hostname if client_id.startswith("https://") else None
