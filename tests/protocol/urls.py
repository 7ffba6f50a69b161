from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from pathbound_mcp.protocol.views import at_root


def front_page(request: HttpRequest) -> HttpResponse:
    """Stands for the redirect to login or queue."""
    return HttpResponse("front page")


urlpatterns = [
    path("", at_root(front_page)),
    path("", include("pathbound_mcp.protocol.urls")),
]
