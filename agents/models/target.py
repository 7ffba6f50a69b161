from typing import Any, ClassVar

from django.db import models

from accounts.models import Workspace
from agents.models.run import Run
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models import Contact

# It waits for its turn, what to do is decided and being proposed, it is over, or it went wrong.
WAITING, DECIDED, DONE, FAILED = "waiting", "decided", "done", "failed"
STATES = (WAITING, DECIDED, DONE, FAILED)


class Target(models.Model):
    """A contact a run looks at, and what came of it.

    `read` are the objects it read, as {id, kind, at, version?, source}; `decision` what was decided
    before anything was proposed, so that a run that was killed goes on with the same; `summary` is
    the decider's reasoning, `fault` our sentence where no decision came. `spent_at`: when the
    tokens were.
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
    """What a run proposed for a contact: once for each intent (its slug).

    `action_id` is the row of the ledger; empty where nothing was queued, `why` says why. In a
    rehearsal `verdict` is what would become of it.
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
