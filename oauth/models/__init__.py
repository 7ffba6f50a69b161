from oauth.models.application import Application
from oauth.models.connection import Connection
from oauth.models.redirect_host import RedirectHostPermission
from oauth.models.refresh_replay import RefreshReplay
from oauth.models.tokens import AccessToken, Grant, IDToken, RefreshToken

__all__ = [
    "AccessToken",
    "Application",
    "Connection",
    "Grant",
    "IDToken",
    "RedirectHostPermission",
    "RefreshReplay",
    "RefreshToken",
]
