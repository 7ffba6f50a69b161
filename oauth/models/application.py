from typing import Any

from django.db import models
from oauth2_provider.models import AbstractApplication

from oauth.redirects import matches


class ApplicationManager(models.Manager["Application"]):
    """Finds apps by the id they present."""

    def get_by_natural_key(self, client_id: str) -> "Application":
        """The app with this id, for fixtures."""
        return self.get(client_id=client_id)


class Application(AbstractApplication):
    """A client program: registered by itself (DCR), by its document (CIMD), or by the operator.

    All are public clients of the code grant: PKCE replaces a secret.
    """

    last_used_at = models.DateTimeField(null=True)

    objects = ApplicationManager()

    class Meta(AbstractApplication.Meta):
        abstract = False

    def natural_key(self) -> tuple[str]:
        """Its identifier in fixtures."""
        return (self.client_id,)

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Whether `uri` is one of the registered ones (OAuth 2.1 2.3.1)."""
        return any(matches(registered, uri) for registered in self.redirect_uris.split())

    def allows_grant_type(self, *grant_types: str) -> bool:
        """The code grant only, regardless of the row."""
        return self.GRANT_AUTHORIZATION_CODE in grant_types

    def is_usable(self, request: Any) -> bool:
        """Public clients only: this server never issues the secret of a confidential one."""
        return bool(self.client_type == self.CLIENT_PUBLIC)

    @property
    def has_document(self) -> bool:
        """Whether its client_id is the address of its metadata document."""
        return bool(self.registration_source == self.RegistrationSource.CIMD)
