from typing import ClassVar, Self

from django.db import models

from accounts.models import User, Workspace
from approvals.models.action import Action
from core.actor import Actor
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet


class AttentionQuerySet(TenantQuerySet["Attention"]):
    def open_for(self, actor: Actor) -> Self:
        """The open items of the actor's person; newest first."""
        mine = self.visible_to(actor).filter(user_id=actor.user_id, closed_at=None)
        return mine.order_by("-opened_at", "-id")


class Attention(models.Model):
    """An attention item of one person, open until that person closes it (attention-1).

    `subject_id` is the id of an action, channel, agent or rule; repetitions while it is open are
    counted. `about` is our name of the subject, as on cards and pages.
    """

    id = PublicIdField("atn", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=64)
    action = models.ForeignKey(
        Action, null=True, on_delete=models.PROTECT, related_name="attentions"
    )
    about = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=16, blank=True)

    objects = AttentionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "user", "kind", "subject_id"],
                condition=models.Q(closed_at=None),
                name="one_open_row_a_person_and_matter",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "user", "closed_at"], name="attention_by_person"),
            models.Index(fields=["workspace", "subject_id"], name="attention_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
