"""Shared by token, register and revoke: POST and preflight, CORS, limits, errors as JSON."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from core.errors import AppError, Unavailable
from oauth.authorization_server.limits import rate_limited, seconds_to_wait
from oauth.authorization_server.request_parameters import BadInput

View = Callable[[HttpRequest], HttpResponse]


def json_endpoint(rate: str) -> Callable[[View], View]:
    """Make a public POST endpoint of `view`, for at most `rate` calls per address.

    These endpoints use no cookies, so any page may read their answers (MCP Inspector does).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def endpoint(request: HttpRequest) -> HttpResponse:
            if request.method == "OPTIONS":
                return open_to_browsers(HttpResponse(status=204))
            if request.method != "POST":
                answer = error("invalid_request", "Use POST.", 405)
                answer["Allow"] = "POST, OPTIONS"
                return open_to_browsers(answer)
            return open_to_browsers(_unstored(_answer(view, request, rate)))

        limited = rate_limited(f"oauth.{view.__name__}", rate)(endpoint)
        return csrf_exempt(login_not_required(limited))

    return decorate


def error(code: str, description: str, status: int = 400) -> HttpResponse:
    """An OAuth error (RFC 6749 5.2); the description is our text and quotes no input."""
    return JsonResponse({"error": code, "error_description": description}, status=status)


def too_many(request: HttpRequest, group: str, rate: str) -> HttpResponse:
    """429 with the seconds to wait."""
    answer = error("temporarily_unavailable", "Too many requests; wait and try again.", 429)
    answer["Retry-After"] = str(seconds_to_wait(request, group, rate))
    return answer


def open_to_browsers(response: HttpResponse) -> HttpResponse:
    """Let pages of any origin read the answer; no cookie is ever sent along with `*`."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    response["Access-Control-Allow-Headers"] = (
        "Authorization, Content-Type, MCP-Protocol-Version, Mcp-Method, Mcp-Name"
    )
    response["Access-Control-Expose-Headers"] = "WWW-Authenticate, Retry-After"
    response["Access-Control-Max-Age"] = "600"
    return response


def _answer(view: View, request: HttpRequest, rate: str) -> HttpResponse:
    if getattr(request, "limited", False):
        return too_many(request, f"oauth.{view.__name__}", rate)
    try:
        return view(request)
    except BadInput as fault:
        return error("invalid_request", fault.description, fault.status)
    except (RequestDataTooBig, TooManyFieldsSent):
        return error("invalid_request", "The body is too large.", 413)
    except Unavailable as fault:
        answer = error("temporarily_unavailable", fault.message, 503)
        answer["Retry-After"] = "2"
        return answer
    except AppError as fault:
        return error("invalid_request", fault.message, 400)


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response
