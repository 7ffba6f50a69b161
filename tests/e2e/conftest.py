from collections.abc import Iterator

import pytest

from fakes import anthropic
from tests import fakes
from tests.e2e import acme as acme_installation
from tests.e2e.acme import Acme
from tests.fakes import Provider


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The fake of Anthropic's API."""
    with fakes.running("anthropic", tmp_path_factory.mktemp("model")) as running:
        yield running


@pytest.fixture(scope="session")
def acme(model: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    """A running installation with a worker that sends too, shared by the tests of this folder.

    Session-scoped, so they belong to one xdist group and leave other tests' rows alone.
    """
    variables = {
        "ANTHROPIC_BASE_URL": model.origin,
        "ANTHROPIC_API_KEY": anthropic.TOKEN,
        "DISPATCH_IN_WORKER": "1",
    }
    folder = tmp_path_factory.mktemp("installation")
    with acme_installation.running(folder, "worker", **variables) as running:
        yield running
