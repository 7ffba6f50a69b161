"""REST v1: one NinjaAPI over the declared routes."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.params.functions import Path
from ninja.utils import contribute_operation_args

from api import arguments, envelope, errors
from api.auth import authenticate
from api.route import JsonObject, Route
from api.routers import ROUTES, system
from api.schema import openapi

_READING = ["GET", "HEAD"]
# Swagger UI writes style attributes and reads images from data: URLs.
_docs_policy = csp_replace({"style-src": ["'self'", "'unsafe-inline'"]})


class Api(NinjaAPI):
    """Ninja's routing, authentication and docs page, with the document made from our routes."""

    def get_openapi_schema(self, **_: Any) -> JsonObject:  # type: ignore[override]
        return openapi.document()


def view_of(route: Route) -> Callable[..., HttpResponse]:
    """The view of a route: authorise, read the arguments, call, wrap the answer."""

    def view(request: HttpRequest, **path_values: str) -> HttpResponse:
        actor = request.auth.actor  # type: ignore[attr-defined] # set by Ninja
        allowed = route.authorise(actor)
        given = arguments.of_request(request, route, path_values)
        answer = route.call(allowed, given, request.headers.get("Idempotency-Key"))
        reads = route.declared.read_only
        status = 200 if reads else envelope.status_of(answer, creates=route.creates)
        return envelope.as_response(envelope.success(answer), status)

    for name in route.path_names:
        contribute_operation_args(view, name, str, Path(...))
    return view


def _assembled() -> Api:
    made = Api(
        title="pathbound_mcp",
        version="1",
        auth=authenticate,
        docs_decorator=_docs_policy,
        urls_namespace="v1",
    )
    made.add_exception_handler(Exception, errors.handle_exception)
    made.api_operation(_READING, "/health", auth=None)(system.health)
    made.api_operation(_READING, "/auth/status")(system.auth_status)
    for route in ROUTES:
        methods = _READING if route.method == "GET" else [route.method]
        made.api_operation(methods, route.path)(view_of(route))
    return made


api = _assembled()
