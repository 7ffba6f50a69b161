"""Tokens for an external MCP server that has its own OAuth (MCP 2025-11-25, authorization).

1. `discover` asks the server without a token and reads where its tokens come from (RFC 9728, 8414).
   Our client there is the one an admin entered, else our own document if the server supports client
   ID metadata documents, else one it registers (RFC 7591); always with PKCE.
2. `exchange` turns a code into tokens; `bearer_of` gives the access token, renewed shortly before
   its end. Each request names the server as the resource (RFC 8707), so a token of one server is
   useless at another. Every discovered address is checked like a user-supplied one (core/net.py).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from django.conf import settings
from django.urls import reverse

from core import clock, net
from core.db import unit
from core.errors import AppError, Unavailable, ValidationFailed
from identities.channels import sealed, settings_of
from identities.models import Channel
from identities.providers.http import USER_AGENT, Denied
from identities.providers.mcp.schemas import McpOAuth, McpSettings, SignsIn

EARLIER = timedelta(minutes=1)
UNSAID = timedelta(hours=1)  # of a token whose answer has no lifetime
_METADATA = re.compile(r'resource_metadata="([^"]{1,2000})"')
_ASKED = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Stored sealed: an access token, its expiry, and the refresh token."""

    access: str = field(default="", repr=False)
    until: float = 0.0
    refresh: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)

    def as_secret(self) -> str:
        """As the channel's secret."""
        return json.dumps(asdict(self))


def document_url() -> str:
    """Our client ID for servers that read metadata documents; it must be an https URL."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('mcp_client_document')}"


def document(redirect_uri: str) -> dict[str, Any]:
    """Who we are, as a client ID metadata document (draft-ietf-oauth-client-id-metadata-document).

    `redirect_uri` is where its page sends an admin back to.
    """
    facts = {"client_id": document_url(), "client_uri": settings.PUBLIC_BASE_URL}
    return facts | _metadata_of_us(redirect_uri)


def discover(url: str, redirect_uri: str, *, client_id: str = "", secret: str = "") -> McpOAuth:
    """The server's token issuer, and our client there.

    `client_id` and `secret` are of a client an admin registered by hand. Raises ValidationFailed
    when it has no usable OAuth, and Unavailable.
    """
    resource = _resource_of(url)
    issuer = str(next(iter(resource.get("authorization_servers") or []), ""))
    server = _server_of(issuer)
    scopes = [str(one) for one in resource.get("scopes_supported") or []]
    return McpOAuth(
        issuer=issuer,
        resource=str(resource["resource"]),
        authorize_url=str(server["authorization_endpoint"]),
        token_url=str(server["token_endpoint"]),
        client_id=client_id or _client_id_at(server, redirect_uri),
        signs_in=_way_to_sign_in(server) if secret else SignsIn.NONE,
        scope=" ".join(scopes)[:1000],
    )


def consent_url(known: McpOAuth, *, state: str, challenge: str, redirect_uri: str) -> str:
    """The URL of the consent page."""
    query = {
        "response_type": "code",
        "client_id": known.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "resource": known.resource,
        **({"scope": known.scope} if known.scope else {}),
    }
    joint = "&" if urlsplit(known.authorize_url).query else "?"
    return f"{known.authorize_url}{joint}{urlencode(query)}"


def exchange(
    known: McpOAuth, code: str, *, verifier: str, redirect_uri: str, secret: str = ""
) -> Tokens:
    """The tokens behind a code. Raises ValidationFailed for a refused code, and Unavailable."""
    answer = _ask_token(
        known,
        secret,
        grant_type="authorization_code",
        code=code,
        code_verifier=verifier,
        redirect_uri=redirect_uri,
    )
    if answer is None:
        raise ValidationFailed("The server rejected the authorization.", hint="Connect it again.")
    return _tokens(answer, Tokens(client_secret=secret))


def client_secret_of(channel: Channel) -> str:
    """The secret of a client an admin registered by hand, or an empty string."""
    kept = _kept(channel)
    return kept.client_secret if kept else ""


def bearer_of(channel: Channel) -> str:
    """A valid access token. Raises Denied when the consent was revoked, and Unavailable."""
    kept = _kept(channel)
    if kept is None or not kept.access:
        raise Denied("This server has not been connected yet.")
    if kept.until - EARLIER.total_seconds() > clock.now().timestamp():
        return kept.access
    return renewed(channel)


def renewed(channel: Channel) -> str:
    """A new access token; of two concurrent workers the second uses the first one's."""
    known, kept = settings_of(channel, McpSettings).oauth, _kept(channel)
    if known is None or kept is None or not kept.refresh:
        raise Denied("The server's authorization has expired: connect it again.")
    answer = _ask_token(
        known, kept.client_secret, grant_type="refresh_token", refresh_token=kept.refresh
    )
    row = Channel.objects.filter(workspace_id=channel.workspace_id, pk=channel.pk)
    if answer is None:
        now = row.exclude(secret=channel.secret).first()
        found = _kept(now) if now else None
        if found is None:
            raise Denied("The server revoked access: connect it again.")
        return found.access
    fresh = _tokens(answer, kept)
    secret = sealed(channel, fresh.as_secret())
    with unit():
        row.filter(secret=channel.secret).update(secret=secret)
    channel.secret = secret
    return fresh.access


def _kept(channel: Channel) -> Tokens | None:
    text = channel.opened().get("token", "")
    if not text:
        return None
    try:
        return Tokens(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _resource_of(url: str) -> dict[str, Any]:
    """The protected resource's metadata, which must name this server (RFC 9728 3.3)."""
    for place in _metadata_places(url):
        found = _json(_get(place))
        if found.get("resource") and _covers(str(found["resource"]), url):
            return found
    raise ValidationFailed(
        "This server does not publish its authorization server.",
        hint="Use a header and a secret instead.",
        field="url",
    )


def _metadata_places(url: str) -> Iterator[str]:
    """RFC 9728 5.1 and 3.1: the challenge's address, else the well-known ones."""
    with net.client() as http:
        answer = http.post(url, json=_ASKED, headers=_headers())
    named = _METADATA.search(answer.headers.get("www-authenticate", ""))
    if named:
        yield named.group(1)
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/.well-known/oauth-protected-resource"
    yield f"{root}{parts.path.rstrip('/')}"
    yield root


def _covers(resource: str, url: str) -> bool:
    one, other = urlsplit(resource), urlsplit(url)
    is_same = (one.scheme, one.netloc.lower()) == (other.scheme, other.netloc.lower())
    path = one.path.rstrip("/")
    return is_same and (other.path == path or other.path.startswith(f"{path}/"))


def _server_of(issuer: str) -> dict[str, Any]:
    """The authorization server's metadata; it must name itself as issuer, and support PKCE."""
    parts = urlsplit(issuer)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    places = (
        f"{root}/.well-known/oauth-authorization-server{path}",
        f"{root}/.well-known/openid-configuration{path}",
        f"{root}{path}/.well-known/openid-configuration",
    )
    metadata = (_json(_get(place)) for place in places)
    found = next((one for one in metadata if one.get("issuer") == issuer), {})
    wanted = ("authorization_endpoint", "token_endpoint")
    has_pkce = "S256" in (found.get("code_challenge_methods_supported") or [])
    if not issuer or not has_pkce or any(not found.get(name) for name in wanted):
        raise ValidationFailed(
            "The server's OAuth lacks required endpoints or PKCE.",
            hint="Use a header and a secret instead.",
            field="url",
        )
    for name in (*wanted, *({"registration_endpoint"} & found.keys())):
        at = urlsplit(str(found[name]))
        net.refuse_plain(at.scheme, at.hostname or "", at.port, net.Trust.USER)
    return found


def _client_id_at(server: Mapping[str, Any], redirect_uri: str) -> str:
    """Our client ID without a manual registration, in the order MCP's specification sets."""
    is_public = settings.IS_HTTPS and not settings.IS_LOOPBACK
    if server.get("client_id_metadata_document_supported") is True and is_public:
        return document_url()
    if server.get("registration_endpoint"):
        return _registered(str(server["registration_endpoint"]), redirect_uri)
    raise ValidationFailed(
        "This server requires a pre-registered client.",
        hint=f"Register one there with the redirect URL {redirect_uri} and enter its client ID.",
        field="client_id",
    )


def _metadata_of_us(redirect_uri: str) -> dict[str, Any]:
    """The metadata shared by document and registration (RFC 7591 2)."""
    return {
        "client_name": "pathbound",
        "application_type": "web",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": SignsIn.NONE.value,
    }


def _way_to_sign_in(server: Mapping[str, Any]) -> SignsIn:
    """How a client with a secret authenticates; Basic if the server names none (RFC 8414 2)."""
    known = server.get("token_endpoint_auth_methods_supported") or [SignsIn.BASIC]
    return SignsIn.BASIC if SignsIn.BASIC in known else SignsIn.POST


def _registered(endpoint: str, redirect_uri: str) -> str:
    registration = _metadata_of_us(redirect_uri)
    with net.client() as http:
        answer = http.post(endpoint, json=registration, headers=_headers())
    client_id = _json(answer).get("client_id")
    if answer.status_code not in {200, 201} or not isinstance(client_id, str):
        raise ValidationFailed("The server rejected client registration.", field="url")
    return client_id[:500]


def _ask_token(known: McpOAuth, secret: str, **form: str) -> dict[str, Any] | None:
    """The token endpoint's answer; None when it refuses us, the code or the token."""
    given, auth = {**form, "resource": known.resource}, httpx.Auth()  # which adds nothing
    if known.signs_in is SignsIn.BASIC:
        # RFC 6749 2.3.1: both are form-encoded before they are joined.
        auth = httpx.BasicAuth(quote_plus(known.client_id), quote_plus(secret))
    else:
        given["client_id"] = known.client_id
    if known.signs_in is SignsIn.POST:
        given["client_secret"] = secret
    with net.client() as http:
        answer = http.post(known.token_url, data=given, headers=_headers(), auth=auth)
    found = _json(answer)
    if answer.status_code in {400, 401, 403}:
        return None
    if answer.status_code != 200 or str(found.get("token_type", "")).lower() != "bearer":
        raise Unavailable("The server's OAuth sent an unexpected response.")
    return found


def _tokens(answer: Mapping[str, Any], before: Tokens) -> Tokens:
    access, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(access, str) or not access.isascii() or not access.isprintable():
        raise Unavailable("The server's OAuth sent an unexpected response.")
    lasts = float(seconds) if isinstance(seconds, int | float) else UNSAID.total_seconds()
    another = answer.get("refresh_token")
    ends = clock.now().timestamp() + lasts
    refresh = another if isinstance(another, str) else before.refresh
    return replace(before, access=access, until=ends, refresh=refresh)


def _get(url: str) -> httpx.Response | None:
    try:
        with net.client() as http:
            return http.get(url, headers=_headers())
    except AppError:
        return None


def _json(answer: httpx.Response | None) -> dict[str, Any]:
    try:
        found = json.loads(answer.content) if answer is not None else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _headers() -> dict[str, str]:
    return {"User-Agent": USER_AGENT, "Accept": "application/json, text/event-stream"}
