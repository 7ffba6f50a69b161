from typing import ClassVar

from django.db import models

from accounts.models.user import User
from accounts.models.workspace import Workspace
from core.ids import PublicIdField


class Notice(models.Model):
    """One notification to one person, sent once: `slot` names the occasion.

    `facts` hold the content sent outside: our text, a path of our site, and a name only if an admin
    allows it (attention-3). For new external access also the text of its page, behind the login,
    until `seen_at`.
    """

    id = PublicIdField("ntc", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    slot = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "user", "slot"], name="notice_once_per_occasion"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["sent_at", "created_at"], name="notice_unsent"),
            models.Index(fields=["workspace", "user", "kind", "seen_at"], name="notice_unseen"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"
