"""The operations that change contacts and companies: each written once, declared for both.

A deleted record is hidden at once, can be restored for 30 days, and is then erased (data-12). A
hidden contact hides its notes, conversations and events, which are reached through it. A hidden
company keeps its contacts.
"""

from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from core import clock
from core.access import Role
from core.actor import Actor
from core.errors import Conflict, ValidationFailed
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from core.schemas import as_json
from crm import records
from crm.models import Company, Contact
from crm.properties import Property, unknown, validate
from crm.services.noun_operations import Facts, NounOperations

Row = TypeVar("Row", Contact, Company)


class RecordKind(NounOperations, Generic[Row]):
    """The operations on one kind of record; a subclass overrides the differences.

    `key` is the property that is unique in a workspace, `key_words` its label.
    """

    model: type[Row]
    noun: str
    key: str
    key_words: str
    known: dict[str, Property]

    def present(self, actor: Actor, record_id: str, /) -> Row:
        """The record if it exists and is not deleted; raises NotFound."""
        raise NotImplementedError

    def shown(self, row: Row, /) -> BaseModel:
        """The record as the APIs show it."""
        raise NotImplementedError

    def normal(self, key: str, /) -> str:
        """The key as it is stored; raises ValidationFailed."""
        raise NotImplementedError

    def duplicates(self, actor: Actor, row: Row, /) -> list[dict[str, str]]:
        """Records that may be the same one as this new one."""
        raise NotImplementedError

    def name_of(self, row: Row) -> str:
        """The record's name, or an empty string."""
        raise NotImplementedError

    def complete(self, actor: Actor, row: Row, data: Any) -> None:
        """Set a new record's columns besides its properties."""

    def preview_rest(self, actor: Actor, row: Row, data: Any) -> list[FieldPreview]:
        """The changes of create or update besides properties."""
        return []

    def change_rest(self, actor: Actor, row: Row, data: Any) -> dict[str, Any]:
        """Apply them, after the row is saved; returns the data a revert needs."""
        return {}

    def preview_create(self, actor: Actor, data: Any) -> Preview:
        """The record as it would be, with possible duplicates; raises Conflict for a taken key."""
        row, values = self._drafted(actor, data)
        preview = self.preview_of(self.model(), values, data.properties)
        preview.target_id, preview.version = None, 0
        preview.target_name = records.address_of(row)
        preview.changes += self.preview_rest(actor, row, data)
        preview.possible_duplicates = self.duplicates(actor, row)
        return preview

    def create(self, actor: Actor, data: Any) -> Effected:
        """Add a record. Raises Conflict, with the existing id, for a taken key."""
        row, _ = self._drafted(actor, data)
        row.created_at = row.updated_at = clock.now()
        records.index(row)
        with self._unless_taken():
            row.save(force_insert=True)
        self.change_rest(actor, row, data)
        undo = Inverse(
            operation=self.operation("delete"),
            arguments={f"{self.noun}_id": str(row.pk)},
            version=row.version,
        )
        return self.effected(row, undo, given=data.properties)

    def preview_update(self, actor: Actor, data: Any) -> Preview:
        """The fields that would change and their values now."""
        row = self._asked_for(actor, data)
        preview = self.preview_of(row, validate(self.known, data.properties), data.properties)
        preview.changes += self.preview_rest(actor, row, data)
        return preview

    def update(self, actor: Actor, data: Any) -> Effected:
        """Merge properties into a record; `null` clears one. Raises Conflict for a taken key."""
        row = self._asked_for(actor, data)
        previous = self.merge(actor, row, data.properties)
        rest = self.change_rest(actor, row, data)
        return self.effected(row, self.undo(row, previous, rest), previous, data.properties)

    def preview_delete(self, actor: Actor, data: Any) -> Preview:
        """The record that would be deleted."""
        row = self._asked_for(actor, data)
        now = ", ".join(filter(None, [self.name_of(row), records.address_of(row)]))
        change = FieldPreview(field="deleted", label=self.noun.capitalize(), now=now, will_be="")
        preview = self.preview_of(row, {}, {})
        preview.changes.append(change)
        return preview

    def delete(self, actor: Actor, data: Any) -> Effected:
        """Hide a record with its notes."""
        row = self._asked_for(actor, data)
        row.deleted_at = clock.now()
        records.save_changed(row, {}, {}, "deleted_at")
        same = {f"{self.noun}_id": str(row.pk)}
        return Effected(
            resource={self.noun: {**same, "deleted": True}},
            inverse=Inverse(operation=self.operation("restore"), arguments=same),
        )

    def restore(self, actor: Actor, data: Any) -> Effected:
        """Bring a record back. Raises Conflict when its key is another's by now."""
        rows = self.model.objects.visible_to(actor).filter(records.restorable())
        row = rows.one(getattr(data, f"{self.noun}_id"), self.noun)
        if row.deleted_at is not None:
            row.deleted_at = None
            with self._unless_taken():
                records.save_changed(row, {}, {}, "deleted_at")
        return self.effected(row)

    def merge(self, actor: Actor, row: Row, properties: dict[str, Any]) -> dict[str, Any]:
        """Set changed values, by compare-and-set on the version read; returns the previous."""
        changes = records.differences(row, self.known, validate(self.known, properties))
        if not changes:
            return {}
        wanted = {key: new for key, (_, new) in changes.items()}
        if wanted.get(self.key):
            self._refuse_taken(actor, wanted[self.key])
        records.assign(row, self.known, wanted, actor)
        records.index(row)
        with self._unless_taken():
            records.save_changed(row, self.known, wanted)
        return {key: now for key, (now, _) in changes.items()}

    def preview_of(self, row: Row, values: dict[str, Any], given: dict[str, Any]) -> Preview:
        """The properties that setting these values would change; `given` may hold unknown keys."""
        changes = records.differences(row, self.known, values)
        return Preview(
            noun=self.noun,
            target_id=str(row.pk),
            target_name=records.address_of(row),
            version=row.version,
            changes=records.previews(self.known, changes),
            unknown_properties=unknown(self.known, given),
        )

    def effected(
        self,
        row: Row,
        undo: Inverse | None = None,
        previous: dict[str, Any] | None = None,
        given: dict[str, Any] | None = None,
    ) -> Effected:
        """The record as it is now, with the inverse of the change."""
        return Effected(
            resource={self.noun: as_json(self.shown(row))},
            previous=previous,
            inverse=undo,
            unknown_properties=unknown(self.known, given or {}) or None,
        )

    def undo(self, row: Row, previous: dict[str, Any], rest: dict[str, Any]) -> Inverse | None:
        """The inverse of an update."""
        if not previous and not rest:
            return None
        same = {f"{self.noun}_id": str(row.pk), "properties": previous, **rest}
        return Inverse(operation=self.operation("revert" if rest else "update"), arguments=same)

    def operation(self, verb: str) -> str:
        return f"crm.{self.noun}.{verb}"

    def facts(self) -> tuple[Facts, Facts, Facts]:
        """All need approval; a delete needs an admin's."""
        gated = {"gated": True, "propose_role": Role.MEMBER, "run_role": Role.REVIEWER}
        create = {
            "sensitive": lambda data: self._sensitive("sets", data),
            "preview": self.preview_create,
        }
        update = {
            "sensitive": lambda data: self._sensitive("changes", data),
            "preview": self.preview_update,
        }
        delete = {
            "run_role": Role.ADMIN,
            "sensitive": lambda _: [f"deletes a {self.noun}"],
            "preview": self.preview_delete,
        }
        return gated | create, gated | update, gated | delete

    def _sensitive(self, verb: str, data: Any) -> list[str]:
        rules = (rule for key, rule in self.known.items() if key in data.properties)
        return [f"{verb} {rule.label}" for rule in rules if rule.sensitive]

    def _asked_for(self, actor: Actor, data: BaseModel) -> Row:
        return self.present(actor, getattr(data, f"{self.noun}_id"))

    def _drafted(self, actor: Actor, data: Any) -> tuple[Row, dict[str, Any]]:
        """The record, unsaved, and its checked values; raises Conflict for a taken key."""
        if self.key in data.properties:
            raise ValidationFailed(
                f"Set the {self.key} in `{self.key}`, not in `properties`.",
                field=f"properties.{self.key}",
            )
        given = validate(self.known, data.properties)
        values: dict[str, Any] = {
            self.key: self.normal(getattr(data, self.key)),
            **{key: value for key, value in given.items() if value is not None},
        }
        self._refuse_taken(actor, values[self.key])
        row = self.model(workspace_id=actor.workspace_id)
        records.assign(row, self.known, values, actor)
        self.complete(actor, row, data)
        return row, values

    def _refuse_taken(self, actor: Actor, key: str) -> None:
        rows = self.model.objects.visible_to(actor).present().filter(**{self.key: key})
        if (other := rows.first()) is not None:
            raise Conflict(
                self._taken,
                field=self.key,
                hint=f"Read or update that {self.noun}.",
                **{f"{self.noun}_id": str(other.pk)},  # type: ignore[arg-type]
            )

    def _unless_taken(self) -> AbstractContextManager[None]:
        return records.or_conflict(Conflict(self._taken, field=self.key))

    @property
    def _taken(self) -> str:
        return f"Another {self.noun} has this {self.key_words}."
