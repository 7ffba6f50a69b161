from typing import Any, ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import DeletableQuerySet
from identities.models import Identity


class Agent(models.Model):
    """A worker that looks at contacts and proposes actions, as itself, for its owner.

    `playbook` says in Markdown what it is to do; `playbook_template` is where that began.
    `capabilities` are the action types it may propose. `filter` (data-9) says whom it watches,
    `schedule_cron` when, in the workspace's time zone (empty: only when triggered); a contact is
    looked at again after `cooldown_hours`. `llm_config` is what `schemas.agents.LlmConfig`
    declares. `slots_from`: slots of the schedule at or before it are not caught up.
    `switched_off_why` is our sentence where it was not a person who switched it off.
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
