"""Registering an app: by itself (RFC 7591) or from its metadata document. Both make one row."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core import clock
from core.schemas import plain_name
from core.strict_json import is_storable
from oauth.models import Application
from oauth.redirects import destination_of

MAX_REDIRECT_URIS = 10
MAX_NAME_LENGTH = 200

# Other requested values are dropped, not refused: VS Code lists the device grant, Claude the JWT
# bearer grant. The answer says what was registered (RFC 7591 3.2.1).
GRANT_TYPES = ["authorization_code", "refresh_token"]
RESPONSE_TYPES = ["code"]


class Refused(Exception):
    """The metadata cannot be registered; `error` is RFC 7591's code, the text is ours."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """The stored part of an app's metadata."""

    name: str
    redirect_uris: list[str]


def validate_metadata(metadata: Any) -> ClientMetadata:
    """The metadata this server stores; raises Refused.

    The app is registered as public regardless of the requested authentication: Claude may ask for
    client_secret_post and follows the answer, which says `none`.
    """
    if not isinstance(metadata, dict):
        raise Refused("invalid_client_metadata", "The metadata is not a JSON object.")
    grants = _words(metadata, "grant_types", GRANT_TYPES)
    if "authorization_code" not in grants:
        raise Refused("invalid_client_metadata", "Only the authorization_code grant is supported.")
    if "code" not in _words(metadata, "response_types", RESPONSE_TYPES):
        raise Refused("invalid_client_metadata", "Only the response type code is supported.")
    return ClientMetadata(_name(metadata), _redirect_uris(metadata))


def register(metadata: ClientMetadata) -> Application:
    """A new public client with a random id and no secret; deleted unless used within a day."""
    return Application.objects.create(
        name=metadata.name,
        redirect_uris=" ".join(metadata.redirect_uris),
        registration_source=Application.RegistrationSource.DCR,
        **_public(),
    )


def store_document(client_id: str, metadata: ClientMetadata, lives_seconds: int) -> Application:
    """The client whose id is its document's URL, updated from the document."""
    application, _ = Application.objects.update_or_create(
        client_id=client_id,
        defaults={
            "name": metadata.name,
            "redirect_uris": " ".join(metadata.redirect_uris),
            "registration_source": Application.RegistrationSource.CIMD,
            "cimd_expires_at": clock.now() + timedelta(seconds=lives_seconds),
            **_public(),
        },
    )
    return application


def _public() -> dict[str, Any]:
    return {
        "client_type": Application.CLIENT_PUBLIC,
        "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
        "client_secret": "",
        "hash_client_secret": False,  # no secret to hash, which would take half a second
    }


def _words(metadata: dict[str, Any], key: str, default: list[str]) -> list[str]:
    words = metadata.get(key) or default
    if not isinstance(words, list) or len(words) > 20 or not all(isinstance(w, str) for w in words):
        raise Refused("invalid_client_metadata", f"{key} must be a list of strings.")
    return words


def _name(metadata: dict[str, Any]) -> str:
    given = metadata.get("client_name")
    name = "" if given is None else given
    if not isinstance(name, str) or len(name) > MAX_NAME_LENGTH or not is_storable(name):
        raise Refused(
            "invalid_client_metadata",
            f"client_name must be a string of at most {MAX_NAME_LENGTH} characters.",
        )
    return plain_name(name, MAX_NAME_LENGTH)


def _redirect_uris(metadata: dict[str, Any]) -> list[str]:
    uris = metadata.get("redirect_uris")
    if not isinstance(uris, list) or not 0 < len(uris) <= MAX_REDIRECT_URIS:
        raise Refused(
            "invalid_redirect_uri",
            f"redirect_uris must be a list of 1 to {MAX_REDIRECT_URIS} URLs.",
        )
    if not all(isinstance(uri, str) and destination_of(uri) for uri in uris):
        raise Refused(
            "invalid_redirect_uri",
            "A redirect URL must be https, http on 127.0.0.1, [::1] or localhost, or cursor:.",
        )
    return list(dict.fromkeys(uris))
