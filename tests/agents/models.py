"""The fake servers of model APIs, as an operator would have named them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fakes import anthropic, openai
from tests.fakes import Provider, running

PATHS = {"anthropic": "/v1/messages", "openai": "/v1/chat/completions"}
MODELS = {"anthropic": "claude-haiku-5-5", "openai": "gpt-6-luna"}
_BASES = {"anthropic": "", "openai": "/v1"}
_TOKENS = {"anthropic": anthropic.TOKEN, "openai": openai.TOKEN}


@contextmanager
def served(name: str, settings: Any, folder: Path, *more: str) -> Iterator[Provider]:
    """Run one of them, with its URL and key in the settings; `more` are command-line arguments."""
    with running(name, folder, *more) as started:
        name_it(name, started, settings)
        yield started


def name_it(name: str, started: Provider, settings: Any) -> None:
    """Point the settings at a running one, with its key."""
    url = started.origin + _BASES[name]
    setattr(settings, f"{name.upper()}_BASE_URL", url)
    setattr(settings, f"{name.upper()}_API_KEY", _TOKENS[name])
    settings.OUTBOUND_OPERATOR_ORIGINS = [url]
