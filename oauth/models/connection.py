from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core import clock
from core.access import SCOPE_RULES, Role, Scope, parse_scopes
from core.actor import Actor
from core.ids import PublicIdField
from oauth.models.application import Application
from oauth.settings import CONNECTION_SECONDS


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def visible_to(self, actor: Actor) -> "ConnectionQuerySet":
        """All of the workspace for an admin, one's own for other members."""
        rows = self.filter(workspace_id=actor.workspace_id)
        return rows if actor.has_role(Role.ADMIN) else rows.filter(user_id=actor.user_id)

    def live(self) -> "ConnectionQuerySet":
        """Neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=clock.now())


def last_day() -> datetime:
    """When a connection made now expires, even if it is used."""
    return clock.now() + timedelta(seconds=CONNECTION_SECONDS)


class Connection(models.Model):
    """One person's consent to one app in one workspace; every code and token belongs to one.

    Setting `revoked_at` ends all of them with their next request. The app's facts are copied, so
    that the record outlives the registration.
    """

    id = PublicIdField("conn", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="connections")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="connections")
    application = models.ForeignKey(Application, null=True, on_delete=models.SET_NULL)
    client_id = models.CharField(max_length=255)
    client_name = models.CharField(max_length=60, blank=True)
    redirect_host = models.CharField(max_length=255)
    scope = models.TextField()
    role_ceiling = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=last_day)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=32, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "user", "created_at"], name="connection_workspace_user"
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role_ceiling__in=[role.value for role in Role]),
                name="connection_role_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_name or 'An app'} at {self.redirect_host}"

    @property
    def is_live(self) -> bool:
        """Whether its codes and tokens count now."""
        return self.revoked_at is None and clock.now() < self.expires_at

    @property
    def is_new(self) -> bool:
        """Made within the last week: marked on the page, so that admins notice."""
        return clock.now() - self.created_at < timedelta(days=7)

    @property
    def sentences(self) -> list[str]:
        """The granted scopes, in the words of the consent page."""
        return [rule.sentence for scope, rule in SCOPE_RULES.items() if scope in self.scopes]

    @property
    def scopes(self) -> frozenset[Scope]:
        """The granted scopes."""
        return parse_scopes(self.scope)
