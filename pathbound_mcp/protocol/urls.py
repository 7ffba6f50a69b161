"""Where the endpoint answers; `views.at_root` makes POST / its alias."""

from django.urls import path

from pathbound_mcp.protocol.views import mcp_endpoint

urlpatterns = [
    path("mcp", mcp_endpoint, name="mcp"),
    path("mcp/", mcp_endpoint),
]
