"""Both APIs, each against its fake server over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.planning.facts import Facts
from agents.providers import registry
from agents.providers.base import Brief, Budget, Decision, Settings
from core.errors import NotFound
from tests.agents.models import MODELS, PATHS, name_it
from tests.agents.people import NOW, form, gathered, view
from tests.fakes import Provider

PRICES = "# Pricing follow-up\n\nWrite to people who compare prices."
ENOUGH = Budget(500_000, 50_000, 5_000_000)


@dataclass
class ReadTools:
    """The read tools of a run; records the calls."""

    answer: dict[str, Any] = field(default_factory=lambda: {"contact": {"city": "Lyon"}})
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def definitions(self) -> list[dict[str, Any]]:
        schema = {
            "type": "object",
            "additionalProperties": False,
            "required": ["contact_id"],
            "properties": {"contact_id": {"type": "string", "maxLength": 64}},
        }
        text = "A contact with its properties."
        return [{"name": "get_contact", "description": text, "input_schema": schema}]

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((name, arguments))
        if arguments.get("contact_id") != "ct_ana":
            raise NotFound("contact")
        return self.answer


@dataclass
class Api:
    """One API's fake server, and a desk to decide at."""

    name: str
    path: str
    fake: Provider
    pauses: list[float] = field(default_factory=list)
    tools: ReadTools = field(default_factory=ReadTools)

    def decide(self, facts: Facts | None = None, **changes: Any) -> Decision:
        """A decision about Ana, who compares prices."""
        return registry.provider_named(self.name, self.pauses.append).decide(
            self.brief(facts, **changes), self.tools
        )

    def brief(self, facts: Facts | None = None, **changes: Any) -> Brief:
        facts = facts or gathered([view("/pricing", 1), view("/security", 2), form("ebook", 9)])
        given: dict[str, Any] = {
            "model": MODELS[self.name],
            "budget": ENOUGH,
            "capabilities": ("email_message", "create_task"),
            "instructions": PRICES,
        } | changes
        told = {key: given.pop(key) for key in ("temperature", "max_tokens") if key in given}
        settings = Settings(
            self.name, given.pop("model"), timeout_seconds=given.pop("timeout", 20.0), **told
        )
        return Brief(facts=facts, template=None, settings=settings, now=NOW, **given)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests received, oldest first."""
        return self.fake.lines(self.path)


@pytest.fixture(params=list(PATHS))
def api(request: pytest.FixtureRequest, settings: Any, model_api: Callable[[str], Provider]) -> Api:
    """Each API in turn."""
    fake = model_api(request.param)
    name_it(request.param, fake, settings)
    return Api(request.param, PATHS[request.param], fake)
