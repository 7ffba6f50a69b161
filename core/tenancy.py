"""Rows are read through the actor, so only visible rows are found."""

from typing import Self, TypeVar

from django.db.models import Model, QuerySet

from core.actor import Actor
from core.errors import NotFound

Row = TypeVar("Row", bound=Model, covariant=True)


class TenantQuerySet(QuerySet[Row]):
    def visible_to(self, actor: Actor) -> Self:
        """The rows of the actor's workspace."""
        return self.filter(workspace_id=actor.workspace_id)

    def one(self, pk: str, noun: str) -> Row:
        """The row with this id; raises NotFound if it is foreign, missing or malformed."""
        found = self.filter(pk=pk).first()
        if found is None:
            raise NotFound(noun)
        return found


class DeletableQuerySet(TenantQuerySet[Row]):
    def present(self) -> Self:
        """The rows that are not deleted."""
        return self.filter(deleted_at=None)
