"""Columns of every connection to a provider."""

from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace

OK, FAILING, PAUSED, UNCHECKED = "ok", "failing", "paused", "unchecked"
STATE_CHOICES = [
    (OK, "Works"),
    (FAILING, "Not responding"),
    (PAUSED, "Paused"),
    (UNCHECKED, "Not tested yet"),
]


class Connected(models.Model):
    """State of a connection, and who enabled it and when.

    `ok` its last use or test succeeded · `failing` it did not, sends continue · `paused` the
    provider refused the secret: nothing is sent until an admin repairs it (attention-2) ·
    `unchecked`: never used. `state_sentence` is our text, never the provider's.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=STATE_CHOICES, default=UNCHECKED)
    state_sentence = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=[code for code, _ in STATE_CHOICES]),
                name="%(class)s_state_is_known",
            )
        ]

    @property
    def is_paused(self) -> bool:
        """Whether nothing may be sent through it until an admin repairs it."""
        return bool(self.state == PAUSED)
