"""The document and its page."""

from typing import Any

import jsonschema
from django.conf import settings
from django.test import Client

from api.routers import ROUTES
from api.schema import openapi
from tests.api.conftest import Calling
from tests.cells import each
from tests.team import Team

HOST = {"host": "127.0.0.1"}
DOCUMENT = openapi.document()
OPERATIONS = [
    (path, method, entry)
    for path, methods in DOCUMENT["paths"].items()
    for method, entry in methods.items()
]


def resolved(node: Any) -> Any:
    """A node with its references into the document put in place."""
    if isinstance(node, list):
        return [resolved(part) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return resolved(found)
    return {name: resolved(part) for name, part in node.items()}


def test_the_document_names_the_release() -> None:
    assert DOCUMENT["info"]["version"] == settings.VERSION


def test_the_document_is_public_and_says_3_1() -> None:
    answer = Client(headers=HOST).get("/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == DOCUMENT
    assert DOCUMENT["openapi"] == "3.1.0"


def test_every_route_is_in_it_and_nothing_else() -> None:
    declared = {(f"/v1{route.path}", route.method.lower()) for route in ROUTES}

    found = {(path, method) for path, method, _ in OPERATIONS}
    assert found == declared | {("/v1/health", "get"), ("/v1/auth/status", "get")}


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [entry["operationId"] for _, _, entry in OPERATIONS]

    assert len(names) == len(set(names))


@each(("path", "method", "entry"), OPERATIONS)
def test_schemas_are_valid_and_examples_fit_them(path: str, method: str, entry: Any) -> None:
    schemas = [part["schema"] for part in entry.get("parameters", [])]
    for part in entry.get("parameters", []):
        if "example" in part:
            jsonschema.validate(part["example"], part["schema"])
    if "requestBody" in entry:
        content = entry["requestBody"]["content"]["application/json"]
        jsonschema.validate(content["example"], content["schema"])
        schemas.append(content["schema"])
    for response in entry["responses"].values():
        content = resolved(response)["content"]["application/json"]
        schemas.append(content["schema"])
        if "example" in content:
            jsonschema.validate(content["example"], content["schema"])
    for schema in schemas:
        jsonschema.Draft202012Validator.check_schema(schema)


@each("path", ["/contacts", "/contacts/{}", "/contacts/{}/notes", "/actions"])
def test_what_is_answered_fits_its_schema(team: Team, calling: Calling, path: str) -> None:
    caller = calling(team.rex)
    caller("post", f"/contacts/{team.ana.pk}/notes", {"content": "Hi"})
    caller("put", f"/contacts/{team.ana.pk}", {"properties": {"jobtitle": "CTO"}})

    body = caller("get", path.format(team.ana.pk)).json()

    named = f"/v1{path.replace('{}', '{contact_id}')}"
    response = DOCUMENT["paths"][named]["get"]["responses"]["200"]
    jsonschema.validate(body, resolved(response["content"]["application/json"]["schema"]))


def test_the_page_loads_nothing_from_elsewhere() -> None:
    page = Client(headers=HOST).get("/v1/docs")

    text = page.content.decode()
    assert page.status_code == 200
    assert "https://" not in text
    assert "/static/ninja/swagger-ui-bundle.js" in text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "default-src 'none'" in policy
