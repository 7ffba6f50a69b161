"""The pin of an external tool: a hash of the description a person allows (sending-10)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def pin_of(name: str, description: str, input_schema: Mapping[str, Any]) -> str:
    """64 hex characters: SHA-256 of name, description and input schema, keys in order.

    Not RFC 8785: it refuses integers beyond 2**53, which schemas of real servers hold as bounds.
    """
    read = {"name": name, "description": description, "input_schema": input_schema}
    text = json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
