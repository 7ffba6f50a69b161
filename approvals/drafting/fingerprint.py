"""What a person approves: a digest over everything that will happen (sending-2)."""

import hashlib
from datetime import datetime
from typing import Any

import rfc8785

from core import clock


def compute(
    *,
    type_name: str,
    params: dict[str, Any],
    message: dict[str, Any] | None,
    identity_id: str | None,
    scheduled_time: datetime | None,
) -> str:
    """The first 32 hex characters of SHA-256 over the canonical JSON (RFC 8785)."""
    whole = {
        "type": type_name,
        "params": params,
        "message": message,
        "identity": identity_id,
        "scheduled_time": clock.iso(scheduled_time) if scheduled_time else None,
    }
    return hashlib.sha256(rfc8785.dumps(whole)).hexdigest()[:32]
