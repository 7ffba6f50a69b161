from typing import Any, ClassVar

from django.db import models

from accounts.models import Workspace
from agents.models.run import Run
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models import Contact

# Waiting for its turn, decided and being proposed, done, or failed.
WAITING, DECIDED, DONE, FAILED = "waiting", "decided", "done", "failed"
STATES = (WAITING, DECIDED, DONE, FAILED)


class Target(models.Model):
    """A contact of a run, and its result.

    `read` are the objects it read, as {id, kind, at, version?, source}; `decision` is stored before
    anything is proposed, so a killed run resumes with it; `summary` is the provider's reasoning,
    `fault` our sentence if there was no decision. `spent_at`: when the tokens were spent.
    """

    id = PublicIdField("rct", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="targets")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=16, default=WAITING)
    read: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    decision: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    summary = models.TextField(blank=True)
    fault = models.CharField(max_length=300, blank=True)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    micro_usd = models.PositiveBigIntegerField(default=0)
    spent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = TenantQuerySet["Target"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "contact"], name="contact_once_per_run"),
            models.CheckConstraint(
                condition=models.Q(state__in=STATES), name="target_state_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "run", "position"], name="target_in_order"),
            models.Index(fields=["workspace", "contact", "ended_at"], name="target_by_contact"),
            models.Index(
                fields=["workspace", "spent_at"],
                condition=models.Q(micro_usd__gt=0),
                name="target_that_cost",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.run_id}"


class Proposed(models.Model):
    """A proposal of a run for a contact: one for each intent (its slug).

    `action_id` is the row of the ledger; if nothing was queued it is empty and `why` has the
    reason. In a rehearsal `verdict` is the ruling it would get.
    """

    id = PublicIdField("rpr", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="proposals")
    intent = models.CharField(max_length=64)
    position = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    params: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    reasoning = models.TextField(blank=True)
    evidence: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    verdict = models.CharField(max_length=20)
    why = models.CharField(max_length=500, blank=True)
    action_id = PublicIdField("act", null=True)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["Proposed"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["target", "intent"], name="one_proposal_per_contact_and_intent"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "target", "position"], name="proposal_in_order"),
            models.Index(fields=["workspace", "action_id"], name="proposal_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.intent} of {self.target_id}"
