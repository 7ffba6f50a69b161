"""Sessions stored under the digest of their key: a dump or backup opens none.

The key itself is in the browser's cookie only.
"""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.tokens import checksum


def stored_as(session_key: str | None) -> str:
    """A session's stored key: 160 bits of SHA-256, the length of the column."""
    return checksum(session_key or "")[:40]


class SessionStore(db.SessionStore):
    """Django's store of sessions in the database, with another name for each row."""

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = self._live().first()
        if row is None:
            self._session_key = None
        return row

    async def _aget_session_from_db(self) -> Session | None:
        row: Session | None = await self._live().afirst()
        if row is None:
            self._session_key = None
        return row

    def _live(self) -> Any:
        name = stored_as(self.session_key)
        return Session.objects.filter(session_key=name, expire_date__gt=timezone.now())

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_as(session_key))

    async def aexists(self, session_key: str) -> bool:
        return await super().aexists(stored_as(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row to save."""
        return _renamed(super().create_model_instance(data))

    async def acreate_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        return _renamed(await super().acreate_model_instance(data))

    def delete(self, session_key: str | None = None) -> None:
        super().delete(stored_as(session_key or self.session_key))

    async def adelete(self, session_key: str | None = None) -> None:
        await super().adelete(stored_as(session_key or self.session_key))


def _renamed(row: AbstractBaseSession) -> AbstractBaseSession:
    row.session_key = stored_as(row.session_key)
    return row
