from typing import Any, ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import DeletableQuerySet
from identities.models import Identity


class Agent(models.Model):
    """A configured worker that reviews contacts and proposes actions, as itself, for its owner.

    `playbook` has its instructions in Markdown; `playbook_template` is their origin. `capabilities`
    are the action types it may propose. `filter` (data-9) selects its contacts, `schedule_cron` its
    times, in the workspace's time zone (empty: only when triggered); a contact is reviewed again
    after `cooldown_hours`. `llm_config` has the form of `schemas.agents.LlmConfig`. `slots_from`:
    slots of the schedule at or before it are not caught up. `switched_off_why` is our sentence if
    the system switched it off.
    """

    id = PublicIdField("ag", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=500, blank=True)
    playbook = models.TextField(blank=True)
    playbook_template = models.CharField(max_length=40, blank=True)
    capabilities: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    identity = models.ForeignKey(Identity, null=True, on_delete=models.PROTECT, related_name="+")
    filter: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    schedule_cron = models.CharField(max_length=120, blank=True)
    max_contacts_per_run = models.PositiveIntegerField(default=25)
    cooldown_hours = models.PositiveIntegerField(default=72)
    llm_config: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    enabled = models.BooleanField(default=False)
    switched_off_why = models.CharField(max_length=300, blank=True)
    slots_from = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = DeletableQuerySet["Agent"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=models.Q(deleted_at=None),
                name="agent_name_unique_per_workspace",
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) | models.Q(enabled=False),
                name="deleted_agent_is_off",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at"], name="agent_workspace_created")
        ]

    def __str__(self) -> str:
        return self.name
