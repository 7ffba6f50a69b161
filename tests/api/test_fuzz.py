"""Schemathesis over the document: no input leads to a 5xx or an undocumented answer.

FUZZ_EXAMPLES requests an operation; `make fuzz` sends many.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import factories
from tests.api.conftest import key_of
from tests.cells import each
from tests.team import Team

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
SCHEMA = schemathesis.openapi.from_wsgi("/v1/openapi.json", WSGIHandler())
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
CASES = [
    pytest.param(operation, mode, id=f"{mode.value}-{operation.label}")
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode.is_positive or list(operation.iter_parameters()) or operation.body
]


@pytest.fixture(autouse=True)
def _connections_stay_open() -> Iterator[None]:
    """A real request closes old connections; the test's transaction lives in this one."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@each(("operation", "mode"), CASES)
def test_nothing_generated_ends_in_a_5xx(operation: Any, mode: GenerationMode, team: Team) -> None:
    headers = {"Authorization": f"Bearer {key_of(team.alice, rate_limit='999999/s')}"}
    real = {
        "contact_id": str(team.ana.pk),
        "company_id": str(factories.company(team.place).pk),
        "event_id": str(factories.event(team.ana).pk),
    }

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), exists=st.booleans())
    def run(case: Any, exists: bool) -> None:
        if exists and case.path_parameters:
            known = {name: real[name] for name in case.path_parameters if name in real}
            case.path_parameters = {**case.path_parameters, **known}
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()
