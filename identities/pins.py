"""The pin of an external tool: a hash of everything a person reads before allowing it (rules 7)."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def pin_of(name: str, description: str, input_schema: Mapping[str, Any]) -> str:
    """64 hex characters: SHA-256 over RFC 8785 of name, description and input schema."""
    read: dict[str, Any] = {"name": name, "description": description}
    read["input_schema"] = dict(input_schema)
    return hashlib.sha256(rfc8785.dumps(read)).hexdigest()
