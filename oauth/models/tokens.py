"""Codes and tokens: the toolkit's rows, each bound to its connection. Only hashes are stored."""

from typing import Any, ClassVar

from django.db import models
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from core import clock
from oauth.models.connection import Connection


class Grant(AbstractGrant):
    """An authorization code; `code` holds its hash. A used one stays to recognise a replay."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="grants")
    used_at = models.DateTimeField(null=True)

    class Meta(AbstractGrant.Meta):
        abstract = False


class AccessToken(AbstractAccessToken):
    """The token an app presents with every call."""

    connection = models.ForeignKey(
        Connection, null=True, on_delete=models.CASCADE, related_name="access_tokens"
    )

    class Meta(AbstractAccessToken.Meta):
        abstract = False

    def is_expired(self) -> bool:
        """Past its time, or its connection ended."""
        if self.expires <= clock.now() or self.connection is None:
            return True
        return not self.connection.is_live

    def allows_audience(self, audience_uri: str) -> bool:
        """A token without a resource is not valid anywhere (RFC 8707)."""
        return bool(self.resource) and audience_uri in self.resource


class RefreshToken(AbstractRefreshToken):
    """The token an app exchanges for the next pair, once."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="refresh_tokens"
    )

    class Meta(AbstractRefreshToken.Meta):
        abstract = False
        unique_together: ClassVar[Any] = ()
        constraints: ClassVar[Any] = [
            models.UniqueConstraint(fields=["token_checksum"], name="refresh_token_is_unique")
        ]


class IDToken(AbstractIDToken):
    """Unused: OpenID Connect is off. The toolkit needs the table."""

    class Meta(AbstractIDToken.Meta):
        abstract = False
