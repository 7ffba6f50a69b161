"""The WSGI application, for servers that need one; live pages and MCP need ASGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathbound_mcp.settings")

application = get_wsgi_application()

from pathbound_mcp import checks  # noqa: E402 - needs the apps

checks.refuse_wrong_start()
