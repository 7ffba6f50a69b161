"""Every mount point on one screen."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from pathbound_mcp import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live),
    path("health/ready", health.ready),
]

if settings.DEMO:
    urlpatterns += [path("dev/", include("pathbound_mcp.dev_mail.urls"))]
