"""Tables of core: the audit log, answers kept for retries, rate buckets, the change counter."""

from typing import ClassVar

from django.db import models

from core.ids import PublicIdField


class AuditEntry(models.Model):
    """One change or refusal: ids, field names and verdicts, never bodies.

    Append-only: the database refuses UPDATE and DELETE (core/ddl.py).
    """

    id = PublicIdField("aud", primary_key=True)
    workspace_id = PublicIdField("ws", null=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_name = models.CharField(max_length=200)
    user_id = PublicIdField("usr", null=True)
    surface = models.CharField(max_length=16)
    client = models.CharField(max_length=200, blank=True)
    connection_id = models.CharField(max_length=64, blank=True)
    verb = models.CharField(max_length=64)
    verdict = models.CharField(max_length=32)
    object_ids = models.JSONField(default=dict)
    fields = models.JSONField(default=list)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [models.Index(fields=["workspace_id", "at"], name="audit_workspace_at")]

    def __str__(self) -> str:
        return f"{self.verb} by {self.actor_name}"


class UnsealedEntry(models.Model):
    """An audit row that is not sealed yet; written with it, deleted once sealed."""

    entry_id = PublicIdField("aud", primary_key=True)
    workspace_id = PublicIdField("ws", null=True, db_index=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.entry_id)


class AuditSeal(models.Model):
    """The place of an audit row in its workspace's chain (core/seals.py). Append-only.

    Rows of no workspace (operators') have a chain of their own. No foreign key: the seal must
    outlive a deleted row.
    """

    id = PublicIdField("seal", primary_key=True)
    workspace_id = PublicIdField("ws", null=True)
    number = models.PositiveBigIntegerField()
    entry_id = PublicIdField("aud", unique=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace_id", "number"], name="one_seal_per_number_of_a_chain"
            ),
            # Null is not equal to null, so the operators' chain needs a constraint of its own.
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(workspace_id=None),
                name="one_seal_per_number_of_operators",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.entry_id}"


class ChainCheck(models.Model):
    """The last check of a workspace's whole audit chain; `fault` is empty if it is intact."""

    id = PublicIdField("chk", primary_key=True)
    workspace_id = PublicIdField("ws", null=True)
    at = models.DateTimeField()
    rows = models.PositiveBigIntegerField()
    head = models.CharField(max_length=64, blank=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "at"], name="chain_check_workspace_at")
        ]

    def __str__(self) -> str:
        return self.fault or f"{self.rows} rows"


class KeptAnswer(models.Model):
    """The first answer to an idempotency key, kept for 30 days (IETF idempotency-key draft 07)."""

    id = PublicIdField("idem", primary_key=True)
    workspace_id = PublicIdField("ws")
    caller = models.CharField(max_length=160)
    operation = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace_id", "caller", "operation", "key"],
                name="one_answer_per_idempotency_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"


class RateBucket(models.Model):
    """A token bucket where no Redis is configured; changed by compare-and-set only."""

    key = models.CharField(max_length=160, primary_key=True)
    tokens = models.FloatField()
    refilled_at = models.FloatField()
    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.key


class ChangeCounter(models.Model):
    """A workspace's audit rows up to a moment; live pages poll this plus the later ones."""

    workspace_id = PublicIdField("ws", primary_key=True)
    changes = models.PositiveBigIntegerField(default=0)
    counted_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_pulse"  # the original name

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.changes}"
