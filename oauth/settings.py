"""The toolkit's settings and our subclasses; imported by the project's settings, so no models."""

from typing import Any

from core.access import SCOPE_RULES

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "oauth.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth.AccessToken"  # noqa: S105 - a model's name
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauth.RefreshToken"  # noqa: S105 - a model's name
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oauth.IDToken"  # noqa: S105 - a model's name

ACCESS_TOKEN_SECONDS = 8 * 3600
REFRESH_TOKEN_IDLE_SECONDS = 30 * 86400
CONNECTION_SECONDS = 180 * 86400
AUTHORIZATION_CODE_SECONDS = 60
REFRESH_REPLAY_SECONDS = 60
UNUSED_REGISTRATION_SECONDS = 86400

# RFC 9700's gates. REDIRECT_URI_SCHEME stays off: loopback redirects are plain http (RFC 8252 7.3).
_GATES = (
    "IMPLICIT_GRANT",
    "PASSWORD_GRANT",
    "PKCE_METHOD",
    "ACCESS_TOKEN_TRANSPORT",
    "AUTHZ_RESPONSE_ISS",
    "TOKEN_STORAGE",
    "REFRESH_TOKEN",
    "REDIRECT_URI_MATCHING",
    "PKCE_REQUIRED",
)


def toolkit(base_url: str) -> dict[str, Any]:
    """OAUTH2_PROVIDER for an installation at `base_url`.

    Registration and metadata documents are ours (authorization_server/), so DCR and CIMD stay off
    in the toolkit: it never fetches anything.
    """
    return {
        **{f"COMPLIANT_BCP_RFC9700_{gate}": True for gate in _GATES},
        # Only the code and refresh grants exist in this server; the others cannot be switched on.
        "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.WebApplicationServer",
        "OAUTH2_VALIDATOR_CLASS": "oauth.authorization_server.validator.Validator",
        "OIDC_ISS_ENDPOINT": base_url,
        "SCOPES": {scope.value: rule.sentence for scope, rule in SCOPE_RULES.items()},
        "DEFAULT_SCOPES": [scope.value for scope in SCOPE_RULES if scope.value.endswith(":read")],
        "PKCE_REQUIRED": True,
        "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http", "cursor"],
        "ALLOW_URI_WILDCARDS": False,
        "REQUEST_APPROVAL_PROMPT": "force",
        "ACCESS_TOKEN_EXPIRE_SECONDS": ACCESS_TOKEN_SECONDS,
        "REFRESH_TOKEN_EXPIRE_SECONDS": REFRESH_TOKEN_IDLE_SECONDS,
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": AUTHORIZATION_CODE_SECONDS,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "DCR_ENABLED": False,
        "CIMD_ENABLED": False,
        "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
        "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
        "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["none"],
        "APPLICATION_ADMIN_CLASS": "oauth.admin.ApplicationAdmin",
        "GRANT_ADMIN_CLASS": "oauth.admin.GrantAdmin",
        "ACCESS_TOKEN_ADMIN_CLASS": "oauth.admin.AccessTokenAdmin",
        "REFRESH_TOKEN_ADMIN_CLASS": "oauth.admin.RefreshTokenAdmin",
        "ID_TOKEN_ADMIN_CLASS": "oauth.admin.IDTokenAdmin",
    }
