"""The registration endpoint (RFC 7591), for apps without a metadata document."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from core import strict_json
from core.errors import ValidationFailed
from oauth.authorization_server import request_parameters
from oauth.authorization_server.json_endpoint import error, json_endpoint
from oauth.services import registration

MAX_BODY_BYTES = 16 * 1024


@json_endpoint(rate="30/m")
def register(request: HttpRequest) -> HttpResponse:
    """201 with the registered metadata: a public client of the code grant, without a secret.

    There is no registration token and no way to change a registration: register again.
    """
    body = request_parameters.raw_body(request, MAX_BODY_BYTES)
    try:
        metadata = registration.validate_metadata(strict_json.loads(body))
    except ValidationFailed as fault:
        return error("invalid_client_metadata", fault.message)
    except registration.Refused as fault:
        return error(fault.error, fault.description)
    application = registration.register(metadata)
    answer = {
        "client_id": application.client_id,
        "client_id_issued_at": int(application.created.timestamp()),
        "redirect_uris": metadata.redirect_uris,
        "grant_types": registration.GRANT_TYPES,
        "response_types": registration.RESPONSE_TYPES,
        "token_endpoint_auth_method": "none",
    }
    if metadata.name:
        answer["client_name"] = metadata.name
    return JsonResponse(answer, status=201)
