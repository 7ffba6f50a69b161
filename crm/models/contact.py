from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import DeletableQuerySet
from crm.models.company import Company


class Contact(models.Model):
    """A person the workspace deals with.

    Columns hold fields that are filtered or grouped, `properties` the rest; `provenance` records
    which source set each field, and when. `version` grows with every change (drift compares it).
    """

    id = PublicIdField("ct", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(
        Company, null=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    email = models.EmailField()
    firstname = models.CharField(max_length=120, blank=True)
    lastname = models.CharField(max_length=120, blank=True)
    jobtitle = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=64, blank=True)
    linkedin_url = models.URLField(max_length=300, blank=True)
    lifecyclestage = models.CharField(max_length=32, blank=True)
    lead_status = models.CharField(max_length=32, blank=True)
    industry = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=120, blank=True)
    email_consent = models.BooleanField(null=True)
    creation_source = models.CharField(max_length=32, blank=True)
    properties = models.JSONField(default=dict)
    provenance = models.JSONField(default=dict)
    is_enriched = models.BooleanField(default=False)
    search_text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = DeletableQuerySet["Contact"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(deleted_at=None),
                name="contact_email_unique_per_workspace",
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="contact_email_is_lower_case"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at"], name="contact_workspace_created"),
            models.Index(fields=["workspace", "lastname"], name="contact_workspace_lastname"),
            models.Index(fields=["workspace", "company"], name="contact_workspace_company"),
            models.Index(fields=["workspace", "lifecyclestage"], name="contact_workspace_stage"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        return f"{self.firstname} {self.lastname}".strip()
