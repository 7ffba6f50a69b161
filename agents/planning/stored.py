"""The planner's words, which are data: TOML beside the rules that use them."""

import tomllib
from pathlib import Path
from typing import Any


def stored(name: str) -> dict[str, Any]:
    """The file of this name, without its ending, in this folder."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
