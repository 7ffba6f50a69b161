"""Redirect addresses: which may be registered, when two are the same, and how a person sees one."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

MAX_URI_LENGTH = 512
CUSTOM_SCHEMES = ("cursor",)

# Printable ASCII without characters that parsers read differently: no space, no \ ^ ` {|}.
_PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::([0-9]{1,5}))?(/[^#]*)?")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a person is sent after the answer, as the consent page names it."""

    uri: str
    kind: str  # web, loopback or scheme
    host: str  # "claude.ai", "loopback" or "cursor:": the words of OAUTH_REDIRECT_HOSTS

    @property
    def headline(self) -> str:
        """`An app at evil.example`: the one fact about the app that it cannot make up."""
        if self.kind == "loopback":
            return "An app on this computer"
        if self.kind == "scheme":
            return f"The app on this computer that opens {self.host} links"
        return f"An app at {self.host}"

    @property
    def shown_host(self) -> str:
        """The host as connections, cards and audit name it."""
        return "this computer" if self.kind == "loopback" else self.host

    @property
    def is_listed(self) -> bool:
        """Whether the operator lets apps at this host connect without an admin's permission."""
        return self.host in settings.OAUTH_REDIRECT_HOSTS

    @property
    def form_action(self) -> str:
        """The CSP source that lets the consent form's answer redirect there."""
        if self.kind == "scheme":
            return self.host
        parts = urlsplit(self.uri)
        # CSP cannot express an IPv6 host, so the scheme is used.
        return "http:" if "[" in parts.netloc else f"{parts.scheme}://{parts.netloc}"


def destination_of(uri: str) -> Destination | None:
    """The destination of a redirect address, or None when it may not be registered.

    https anywhere, http on this computer only (RFC 8252 7.3), cursor: as a custom scheme; no user
    part, no fragment, no character that parsers interpret differently.
    """
    if len(uri) > MAX_URI_LENGTH or not _PLAIN.fullmatch(uri) or "#" in uri or "@" in uri:
        return None
    try:
        parts = urlsplit(uri)
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme in CUSTOM_SCHEMES and uri.startswith(f"{parts.scheme}://"):
        return Destination(uri, "scheme", f"{parts.scheme}:")
    if _LOOPBACK.fullmatch(uri) and (port is None or port > 0):
        return Destination(uri, "loopback", "loopback")
    if uri.startswith("https://") and _is_public_name(host, parts.netloc):
        return Destination(uri, "web", host)
    return None


def matches(registered: str, presented: str) -> bool:
    """Whether the presented address is the registered one: the same text, or loopback with another
    port (RFC 8252 7.3).
    """
    if registered == presented:
        return True
    ours, theirs = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(presented)
    if ours is None or theirs is None or destination_of(presented) is None:
        return False
    return ours.group(1) == theirs.group(1) and ours.group(3) == theirs.group(3)


def _is_public_name(host: str, netloc: str) -> bool:
    return bool(_HOST.fullmatch(host)) and ".." not in host and netloc.lower() == netloc
