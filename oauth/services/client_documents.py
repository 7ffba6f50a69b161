"""Client ID metadata documents: an app whose id is an https address that describes it.

Only hosts in CIMD_ALLOWED_HOSTS are read, only for a logged-in person, only over core.net, and a
failure is remembered for a minute (draft-ietf-oauth-client-id-metadata-document 6).
"""

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache

from core import clock, net, strict_json
from core.errors import AppError, Unavailable
from oauth.models import Application
from oauth.services import registration

MAX_DOCUMENT_BYTES = 16 * 1024
FETCH_SECONDS = 5.0
FRESH_SECONDS = 3600
BACK_OFF_SECONDS = 60
MAX_ADDRESS_LENGTH = 255

# private_key_jwt is what ChatGPT prefers; our metadata offers `none` only, which it supports too.
AUTH_METHODS = {"none", "private_key_jwt"}

_ADDRESS = re.compile(r"https://([a-z0-9.-]+)(/[A-Za-z0-9._~/-]+)")


def is_address(client_id: str) -> bool:
    """Whether the id can be a document's address: lower-case host, port 443, a plain path."""
    match = _ADDRESS.fullmatch(client_id)
    return (
        match is not None
        and len(client_id) <= MAX_ADDRESS_LENGTH
        and not {".", ".."} & set(match.group(2).split("/"))
    )


def is_allowed(client_id: str) -> bool:
    """Whether the operator allows documents of this host."""
    return is_address(client_id) and urlsplit(client_id).hostname in settings.CIMD_ALLOWED_HOSTS


def application_for(client_id: str) -> Application | None:
    """The app of an allowed document, reread after an hour; None if there is no usable one.

    If the document cannot be read, its last content stays valid. Makes a network call: the caller
    holds no transaction and has checked that a user is logged in.
    """
    known = Application.objects.filter(client_id=client_id).first()
    if known is not None and (known.cimd_expires_at is None or known.cimd_expires_at > clock.now()):
        return known
    if not is_allowed(client_id) or cache.get(_back_off_key(client_id)):
        return known
    try:
        metadata = _checked(client_id, _read(client_id))
    except (AppError, registration.Refused):
        cache.set(_back_off_key(client_id), True, BACK_OFF_SECONDS)
        return known
    return registration.store_document(client_id, metadata, FRESH_SECONDS)


def _checked(client_id: str, document: Any) -> registration.ClientMetadata:
    metadata = registration.validate_metadata(document)
    if document.get("client_id") != client_id:
        raise registration.Refused(
            "invalid_client_metadata", "The metadata document describes another client."
        )
    if document.get("token_endpoint_auth_method", "none") not in AUTH_METHODS:
        raise registration.Refused(
            "invalid_client_metadata", "Clients with a metadata document must be public."
        )
    if "client_secret" in document:
        raise registration.Refused(
            "invalid_client_metadata", "A metadata document must not contain a secret."
        )
    return metadata


def _read(client_id: str) -> Any:
    if settings.DEMO and settings.CIMD_STATIC_DOCUMENTS:
        documents = strict_json.loads(Path(settings.CIMD_STATIC_DOCUMENTS).read_bytes())
        if client_id in documents:
            return documents[client_id]
    return _fetch(client_id)


def _fetch(client_id: str) -> Any:
    with net.client(
        max_bytes=MAX_DOCUMENT_BYTES, total_seconds=FETCH_SECONDS, ports=[443]
    ) as client:
        answer = client.get(client_id, headers={"Accept": "application/json"})
    kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if answer.status_code != 200 or not kind.endswith(("/json", "+json")):
        raise Unavailable("The client's metadata document could not be read.")
    return strict_json.loads(answer.content)


def _back_off_key(client_id: str) -> str:
    return "oauth:document:" + hashlib.sha256(client_id.encode()).hexdigest()
