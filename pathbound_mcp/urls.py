from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from pathbound_mcp import health, home
from pathbound_mcp.metrics import metrics
from pathbound_mcp.protocol.views import at_root, mcp_endpoint

admin.site.site_header = "pathbound_mcp operators"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", at_root(home.index), name="home"),
    path("settings/", home.settings, name="settings"),
    path("mcp", mcp_endpoint, name="mcp"),
    path("mcp/", mcp_endpoint),
    path("", include("oauth.urls")),
    path("", include("accounts.urls")),
    path("", include("approvals.urls")),
    path("", include("crm.urls")),
    path("", include("identities.urls")),
    path("", include("agents.urls")),
    path("", include("jobs.urls")),
    path("v1/", include("api.urls")),
    path("admin/", admin.site.urls),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics),
]

if settings.DEMO:
    urlpatterns += [path("dev/", include("demo.dev_mail.urls"))]
