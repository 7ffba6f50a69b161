"""Public ids: a prefix and a sortable random part, `ct_01jd...` (TypeID 0.3 over UUIDv7).

In Python an id is its text; in the database it is a UUID. Text that is not an id of the expected
kind finds nothing, so malformed, foreign and missing ids get the same answer.
"""

import functools
import secrets
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from typeid import TypeID
from typeid.codecs import base32
from typeid.errors import TypeIDException
from uuid_utils.compat import uuid7

Set = TypeVar("Set", contravariant=True)
Get = TypeVar("Get", covariant=True)

if TYPE_CHECKING:

    class _Field(models.Field[Set, Get]):
        """The type for the type checker; its plugin adds None for nullable columns."""

        _pyi_private_set_type: str | None
        _pyi_private_get_type: str

else:

    class _Field(models.Field):
        """Django's fields have no type parameters at runtime."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls


# A UUID that no row has: used to look up text that is not a valid id.
NOWHERE = uuid.UUID(int=0)


def new_id(prefix: str) -> str:
    """A new id; later ids sort after earlier ones."""
    return encode(prefix, uuid7())


def new_id_at(prefix: str, moment: datetime, randomness: int | None = None) -> str:
    """An id that sorts by `moment` (UUIDv7, RFC 9562 5.7); `randomness` is its 74 free bits."""
    free = secrets.randbits(74) if randomness is None else randomness
    milliseconds = int(moment.timestamp() * 1000)
    high = milliseconds << 16 | 0x7000 | free >> 62
    low = 1 << 63 | free & (1 << 62) - 1
    return encode(prefix, uuid.UUID(int=high << 64 | low))


def encode(prefix: str, value: uuid.UUID) -> str:
    """The public text of a stored UUID."""
    # The library's codec without its wrapper object: this runs for every row read.
    return f"{prefix}_{base32.encode(value.bytes)}"


def decode(prefix: str, text: object) -> uuid.UUID | None:
    """The UUID behind a public id, or None when the text is not an id of this kind."""
    try:
        parsed = TypeID.from_string(text) if isinstance(text, str) else None
    except (TypeIDException, ValueError):
        return None
    if parsed is None or parsed.prefix != prefix or str(parsed) != text:
        return None
    return uuid.UUID(bytes=parsed.uuid_bytes)


class PublicIdField(_Field[Set, Get]):
    """A UUID column whose Python value is the prefixed public id."""

    def __init__(self, prefix: str, *args: Any, **kwargs: Any) -> None:
        self.prefix = prefix
        if kwargs.get("primary_key"):
            kwargs.setdefault("default", functools.partial(new_id, prefix))
            kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """The arguments a migration needs to recreate this field."""
        name, path, args, kwargs = super().deconstruct()
        kwargs["prefix"] = self.prefix
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        """Stored like Django's own UUID field."""
        return "UUIDField"

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        """The column's value; text that is not an id of this kind matches no row."""
        if value is None:
            return None
        stored = value if isinstance(value, uuid.UUID) else decode(self.prefix, value) or NOWHERE
        return stored if connection.features.has_native_uuid_field else stored.hex

    def from_db_value(self, value: Any, *_: Any) -> str | None:
        if value is None:
            return None
        return encode(self.prefix, value if isinstance(value, uuid.UUID) else uuid.UUID(value))

    def to_python(self, value: Any) -> str | None:
        """The value on the model instance."""
        return encode(self.prefix, value) if isinstance(value, uuid.UUID) else value
