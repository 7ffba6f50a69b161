from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models.company import Company
from crm.models.contact import Contact


class Event(models.Model):
    """Something that happened: a page view, a form, an opened e-mail.

    The id is a UUIDv7 of the event's time, so ids sort like events. Only `contact` and `company`
    ever change (when a visitor is recognised). Nothing has a foreign key to an event.
    """

    id = PublicIdField("evt", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="events"
    )
    company = models.ForeignKey(Company, null=True, on_delete=models.SET_NULL, related_name="+")
    event = models.CharField(max_length=64)
    timestamp = models.DateTimeField()
    source = models.CharField(max_length=32)
    visitor_id = models.CharField(max_length=64, blank=True)
    session_id = models.CharField(max_length=64, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    path = models.CharField(max_length=1000, blank=True)
    title = models.CharField(max_length=300, blank=True)
    referrer = models.CharField(max_length=2000, blank=True)
    referring_domain = models.CharField(max_length=253, blank=True)
    utm_source = models.CharField(max_length=120, blank=True)
    utm_medium = models.CharField(max_length=120, blank=True)
    utm_campaign = models.CharField(max_length=120, blank=True)
    browser = models.CharField(max_length=60, blank=True)
    os = models.CharField(max_length=60, blank=True)
    device_type = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=120, blank=True)
    is_bot = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["Event"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "timestamp"], name="event_by_time"),
            # Includes the id, so that a list reads only the rows it shows, even if many events
            # share a time.
            models.Index(
                fields=["workspace", "contact", "timestamp", "id"], name="event_by_contact"
            ),
            models.Index(fields=["workspace", "event", "timestamp"], name="event_by_name"),
            models.Index(fields=["workspace", "company", "timestamp"], name="event_by_company"),
            models.Index(fields=["workspace", "visitor_id"], name="event_by_visitor"),
            models.Index(fields=["workspace", "created_at"], name="event_by_created"),
        ]

    def __str__(self) -> str:
        return f"{self.event} at {self.timestamp:%Y-%m-%d %H:%M}"
