"""OAuth's addresses. POST endpoints answer with and without a slash: a redirect would lose a body.

The root aliases are for apps that build /authorize, /token and /register from the origin.
"""

from django.urls import path, re_path

from oauth.authorization_server import metadata as server_metadata
from oauth.authorization_server.authorize import authorize
from oauth.authorization_server.register import register
from oauth.authorization_server.token import revoke, token
from oauth.resource_server import metadata as resource_metadata
from oauth.views.connections import list_connections, revoke_connection

app_name = "oauth"

_SERVER = ".well-known/oauth-authorization-server"
_RESOURCE = ".well-known/oauth-protected-resource"

urlpatterns = [
    path(_SERVER, server_metadata.authorization_server, name="server-metadata"),
    path(f"{_SERVER}/mcp", server_metadata.authorization_server),
    path(_RESOURCE, resource_metadata.root, name="resource-metadata"),
    path(f"{_RESOURCE}/mcp", resource_metadata.mcp),
    path("oauth/authorize", authorize, name="authorize"),
    path("oauth/token", token, name="token"),
    path("oauth/register", register, name="register"),
    path("oauth/revoke", revoke, name="revoke"),
    re_path(r"^(?:oauth/)?authorize/?$", authorize),
    re_path(r"^(?:oauth/)?token/?$", token),
    re_path(r"^(?:oauth/)?register/?$", register),
    path("oauth/revoke/", revoke),
    path("settings/connections/", list_connections, name="connections"),
    path(
        "settings/connections/<str:connection_id>/revoke",
        revoke_connection,
        name="revoke-connection",
    ),
]
