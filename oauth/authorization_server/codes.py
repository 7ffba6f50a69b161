from django.http import HttpRequest
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.views.mixins import OAuthLibMixin

from accounts.models import User
from oauth.models import Connection
from oauth.services.authorization_requests import AuthorizationRequest, Unanswerable

_PROTOCOL = OAuthLibMixin()


def location_with_code(
    request: HttpRequest, asked: AuthorizationRequest, connection: Connection, user: User
) -> str:
    """The redirect with a fresh code of `connection`, the app's state and our `iss`.

    oauthlib revalidates client and address; raises Unanswerable when they changed.
    """
    credentials = {
        "client_id": asked.client_id,
        "redirect_uri": asked.redirect_uri,
        "response_type": "code",
        "state": asked.state,
        "code_challenge": asked.code_challenge,
        "code_challenge_method": "S256",
        "resource": asked.resource,
        "connection": connection,
    }
    try:
        location, *_ = _PROTOCOL.create_authorization_response(
            request, connection.scope, credentials, allow=True
        )
    except OAuthToolkitError as error:
        raise Unanswerable("The app's registration changed. Start again in the app.") from error
    return str(location)
