"""Everything that can be read of an installation, as text, by where it was read."""

import contextlib
import io
import json
import logging
import re
from collections.abc import Iterator

from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse

from api.routers import ROUTES
from core.operations import Effect, get
from tests.contract.test_urls import routes
from tests.scenario import Scenario
from tools import catalog

Read = Iterator[tuple[str, str]]

# Pages that redirect elsewhere, or never end.
LEFT_OUT = {"queue_stream", "connect_gmail", "mcp_oauth"}
IN_PATHS = {
    "action_id": "act",
    "subject_id": "act",
    "agent_id": "ag",
    "run_id": "run",
    "segment_id": "seg",
    "identity_id": "id",
}


def by_tools(scenario: Scenario, token: str) -> Read:
    """Every read tool, over the endpoint."""
    headers = {"authorization": f"Bearer {token}", "accept": "application/json, text/event-stream"}
    for name, tool in catalog.all_tools().items():
        if get(tool.operation).effect is not Effect.READ:
            continue
        asked = {"name": name, "arguments": scenario.put(tool.examples[0])}
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}
        answer = Client().post(
            "/mcp", json.dumps(call), content_type="application/json", headers=headers
        )
        yield f"tool {name}", f"{answer.status_code} {answer.content.decode()}"


def by_routes(scenario: Scenario, key: str) -> Read:
    """Every GET of the REST API."""
    for route in ROUTES:
        if route.method != "GET":
            continue
        example = scenario.put(route.example)
        path = route.path.format(**{name: example.pop(name) for name in route.path_names})
        answer = Client().get(f"/v1{path}", example, headers={"authorization": f"Bearer {key}"})
        yield f"GET {route.path}", f"{answer.status_code} {answer.content.decode()}"


def by_pages(browser: Client, ids: dict[str, list[str]]) -> Read:
    """Every page, with ids for its URL's parameters."""
    for route, pattern in routes(get_resolver()):
        if route.startswith(("v1/", "admin/", "^")) or pattern.name in LEFT_OUT:
            continue
        for path in _addresses(route, ids):
            answer = browser.get(path)
            body = b"".join(answer) if answer.streaming else answer.content
            yield f"page {path}", f"{answer.status_code} {answer.headers} {body.decode()}"


def _addresses(route: str, ids: dict[str, list[str]]) -> list[str]:
    found = [f"/{route}"]
    for part in re.findall(r"<[^>]+>", route):
        name = part.strip("<>").partition(":")[2]
        found = [path.replace(part, one) for path in found for one in ids.get(name, ["nothing"])]
    return found


def by_operators(browser: Client) -> Read:
    """The operators' admin: each table and each of its rows."""
    yield "admin", browser.get(reverse("admin:index")).content.decode()
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield name, browser.get(reverse(f"{name}_changelist")).content.decode()
        for row in model._default_manager.all()[:2]:
            page = browser.get(reverse(f"{name}_change", args=[row.pk]))
            yield f"{name} {row.pk}", page.content.decode()


def by_copies(browser: Client) -> Read:
    """The audit log as files."""
    for form in ("csv", "jsonl"):
        answer = browser.post("/settings/audit/export/", {"format": form})
        assert answer.status_code == 200, form
        yield f"audit as {form}", b"".join(answer).decode()


def by_dumps() -> Read:
    """The database: Django's own dump, and every column of every table as it is stored."""
    said = io.StringIO()
    call_command("dumpdata", stdout=said)
    yield "dumpdata", said.getvalue()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - a name of our own
            yield f"table {table}", str(cursor.fetchall())


def by_machines(browser: Client) -> Read:
    """Monitoring endpoints, and error pages."""
    token = {"authorization": f"Bearer {settings.METRICS_TOKEN}"}
    yield "metrics", browser.get("/metrics", headers=token).content.decode()
    for path in ("/metrics", "/health/ready", "/nothing/", "/join/nothing/", "/v1/nothing"):
        yield path, browser.get(path).content.decode()


@contextlib.contextmanager
def heard() -> Iterator[io.StringIO]:
    """All that is logged, down to DEBUG, as the installation would write it."""
    said, root = io.StringIO(), logging.getLogger()
    ours = next(one for one in root.handlers if type(one) is logging.StreamHandler)
    handler, level = logging.StreamHandler(said), root.level
    handler.setFormatter(ours.formatter)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
