"""Retries: the same key with the same arguments is the same request (protocol-10).

The row is written in the effect's transaction, so both are committed or neither.
"""

import hashlib
from dataclasses import asdict
from typing import Any

import rfc8785
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, OperationalError, transaction
from pydantic import BaseModel

from core import clock, strict_json
from core.actor import Actor
from core.errors import IdempotencyMismatch, StillRunning, ValidationFailed
from core.models import KeptAnswer

MAX_KEY_LENGTH = 255


def claim(
    actor: Actor, operation: str, key: str | None, data: Any, proposal: Any
) -> KeptAnswer | None:
    """Take the key for this request, or return the row of the first one with its answer.

    None where no key was given. Raises IdempotencyMismatch when the arguments differ, and
    StillRunning while the first one has no answer.
    """
    if key is None:
        return None
    digest = _digest(data, asdict(proposal))
    identity = _identity(actor, operation, key)
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(**identity, digest=digest, created_at=clock.now())
    except OperationalError as error:
        # The first request holds the row until it ends (PostgreSQL's lock_not_available).
        if getattr(error.__cause__, "sqlstate", None) != "55P03":
            raise
        raise StillRunning(
            "The first request with this idempotency_key is still running.",
            hint="Send the same request again in a few seconds.",
        ) from error
    except IntegrityError:
        kept = KeptAnswer.objects.get(**identity)
    _check_same(kept, digest)
    return kept


def first_answer(
    actor: Actor, operation: str, key: str | None, data: Any, proposal: Any
) -> dict[str, Any] | None:
    """The answer this key was given before, or None.

    Raises IdempotencyMismatch when the arguments differ.
    """
    if key is None:
        return None
    kept = KeptAnswer.objects.filter(**_identity(actor, operation, key)).first()
    if kept is None:
        return None
    _check_same(kept, _digest(data, asdict(proposal)))
    return kept.answer


def store_answer(kept: KeptAnswer, answer: dict[str, Any]) -> None:
    """Store the first answer."""
    kept.answer = answer
    kept.save(update_fields=["answer"])


def _identity(actor: Actor, operation: str, key: str) -> dict[str, str]:
    if not 0 < len(key) <= MAX_KEY_LENGTH or not strict_json.is_storable(key):
        raise ValidationFailed(
            f"idempotency_key must have 1 to {MAX_KEY_LENGTH} characters.", field="idempotency_key"
        )
    return {
        "workspace_id": actor.workspace_id,
        "caller": _caller(actor),
        "operation": operation,
        "key": key,
    }


def _check_same(kept: KeptAnswer, digest: str) -> None:
    if kept.digest != digest:
        raise IdempotencyMismatch(
            "This idempotency_key was used with other arguments.",
            hint="Use a new key for a new request.",
            field="idempotency_key",
        )


def _caller(actor: Actor) -> str:
    app = actor.client.connection_id if actor.client else actor.surface
    return f"{actor.user_id or actor.name}|{app}"


def _digest(data: Any, proposal: dict[str, Any]) -> str:
    is_model = isinstance(data, BaseModel)
    given = data.model_dump(mode="json", exclude_unset=True) if is_model else data
    plain = strict_json.loads(DjangoJSONEncoder().encode({"data": given, "proposal": proposal}))
    return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()
