from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import DeletableQuerySet


class Company(models.Model):
    """An organisation, known by its domain."""

    id = PublicIdField("co", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    domain = models.CharField(max_length=253)
    name = models.CharField(max_length=200, blank=True)
    industry = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=120, blank=True)
    employee_count = models.PositiveIntegerField(null=True)
    lifecyclestage = models.CharField(max_length=32, blank=True)
    properties = models.JSONField(default=dict)
    provenance = models.JSONField(default=dict)
    search_text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = DeletableQuerySet["Company"].as_manager()

    class Meta:
        verbose_name_plural = "companies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "domain"],
                condition=models.Q(deleted_at=None),
                name="company_domain_unique_per_workspace",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "name"], name="company_workspace_name"),
            models.Index(fields=["workspace", "created_at"], name="company_workspace_created"),
        ]

    def __str__(self) -> str:
        return self.name or self.domain
