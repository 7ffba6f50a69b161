from collections.abc import Iterator

import pytest

from tests.e2e.server import Installation, installation


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation that the tests of this folder share."""
    with installation(tmp_path_factory.mktemp("installation")) as running:
        yield running
