"""Providers by their name in an agent's llm_config."""

import time

from django.conf import settings

from agents.providers.anthropic import AnthropicWire
from agents.providers.base import Provider
from agents.providers.builtin import Builtin
from agents.providers.conversation import Model
from agents.providers.http_client import Pause
from agents.providers.openai import OpenaiWire
from core.errors import ValidationFailed

NAMES = ("builtin", "anthropic", "openai")


def provider_named(name: str, pause: Pause = time.sleep) -> Provider:
    """The provider; raises ValidationFailed for another name.

    `pause` waits between attempts; it may raise Interrupted to end the decision.
    """
    if name == "builtin":
        return Builtin()
    if name == "anthropic":
        return Model(AnthropicWire(), pause)
    if name == "openai":
        return Model(OpenaiWire(), pause)
    raise ValidationFailed("Unknown provider.", field="provider", valid_values=NAMES)


def is_configured(name: str) -> bool:
    """Whether the operator has configured the provider; false for an unknown one."""
    keys = {"anthropic": settings.ANTHROPIC_API_KEY, "openai": settings.OPENAI_API_KEY}
    return name == "builtin" or bool(keys.get(name))
