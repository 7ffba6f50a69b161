"""A started job's answer says how to poll it, in the terms of the surface."""

from re import findall
from typing import Any

import pytest

from api.routers import ROUTES
from core.outcomes import with_poll
from tools import catalog

TOOLS = [tool for tool in catalog.all_tools().values() if tool.poll_with]
POLLED = [route for route in ROUTES if route.poll_with]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_names_a_tool_that_follows_a_job(tool: Any) -> None:
    name = tool.poll_with.split()[0]
    assert catalog.all_tools()[name].declared.follows is not None
    assert set(findall(r"{(\w+)}", tool.poll_with)) <= set(tool.output_schema["properties"])


@pytest.mark.parametrize("route", POLLED, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_names_a_request_that_follows_a_job(route: Any) -> None:
    method, path = route.poll_with.split()
    (polled,) = [each for each in ROUTES if (each.method, f"/v1{each.path}") == (method, path)]
    assert polled.declared.follows is not None
    assert set(findall(r"{(\w+)}", path)) <= set(route.answer.model_fields)


def test_every_operation_that_is_polled_has_words_on_both_surfaces() -> None:
    by_tool = {tool.operation for tool in TOOLS}
    assert by_tool == {route.operation for route in POLLED}
    assert {"agents.agent.trigger", "identities.linkedin.start"} <= by_tool


def test_what_has_ended_is_polled_no_more() -> None:
    words = "GET /v1/jobs/{job_id}"
    ended = {"job_id": "job_1"}
    assert with_poll(ended, words) == ended
    still = {**ended, "next_poll_seconds": 5}
    assert with_poll(still, words)["poll_with"] == "GET /v1/jobs/job_1"
