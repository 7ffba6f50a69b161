from django.db import models

from core.ids import PublicIdField


class Workspace(models.Model):
    """A tenant: a customer's data is inside one, with no references across."""

    id = PublicIdField("ws", primary_key=True)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    # Whether notices may name people outside (attention-3); they never carry a text.
    names_in_notices = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
