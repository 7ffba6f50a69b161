"""The ASGI application: pages, MCP, OAuth and health in one process."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathbound_mcp.settings")

application = get_asgi_application()

from pathbound_mcp import checks  # noqa: E402 - needs the apps
from pathbound_mcp.protocol.views import warm_up  # noqa: E402

checks.refuse_wrong_start()
warm_up()
