from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _oauth_alone(settings: Any) -> None:
    """OAuth's own addresses, and a limit no test here meets by accident."""
    settings.ROOT_URLCONF = "tests.oauth.urls"
    settings.RATELIMIT_ENABLE = False
