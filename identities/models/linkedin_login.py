from enum import StrEnum
from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from identities.models.identity import Identity
from jobs.models import Job


class Step(StrEnum):
    """How far a login is, while its job is open."""

    CREDENTIALS = "credentials"
    HOSTED = "hosted"
    ASKING = "asking"
    CODE = "code"
    CHECKING = "checking"
    APP = "app"
    CONNECTED = "connected"
    HOPELESS = "hopeless"


STEP_CHOICES = [(step.value, step.value) for step in Step]


class LinkedinLogin(models.Model):
    """A login to LinkedIn; its job has the status and the outcome.

    1. `credentials`: the login page waits for them. 2. `asking`: the page's request is at the
    provider, until `busy_until` at most. 3. `code`: LinkedIn requires one; 4. `checking`: it lies
    in `code`, sealed, until the job's worker has submitted it. 5. `app`: waits for a tap in
    LinkedIn's app. 6. `connected`, or `hopeless` with the reason in the job's message.

    Instead of 2 to 5 the person may log in on the provider's own page: `hosted` since `hosted_at`,
    until the provider's call with the secret of `callback_digest` (SHA-256, hex) or the account
    itself gives the outcome.

    `account_id` is the provider's, pending until connected. `tries` counts passwords and codes,
    `asks` how often the login returned to waiting for either. Passwords are never stored.
    """

    id = PublicIdField("lgn", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=16, choices=STEP_CHOICES, default="credentials")
    country = models.CharField(max_length=2)
    account_id = models.CharField(max_length=64, blank=True)
    code = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asks = models.PositiveSmallIntegerField(default=0)
    busy_until = models.DateTimeField(null=True)
    hosted_at = models.DateTimeField(null=True)
    callback_digest = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = TenantQuerySet["LinkedinLogin"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(step__in=[code for code, _ in STEP_CHOICES]),
                name="linkedin_login_step_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(code="") | models.Q(step="checking"),
                name="linkedin_login_keeps_a_code_only_until_it_is_handed_in",
            ),
            models.CheckConstraint(
                condition=models.Q(callback_digest="")
                | models.Q(step="hosted", hosted_at__isnull=False),
                name="linkedin_login_takes_a_call_only_while_the_page_is_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.job_id}"
