from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.agents.models import PATHS
from tests.agents.shop import Shop, make_shop
from tests.fakes import Provider, running


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()


@pytest.fixture(scope="session")
def _model_apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Provider]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(running(name, tmp_path_factory.mktemp(name)))
            for name in PATHS
        }


@pytest.fixture
def model_api(_model_apis: dict[str, Provider]) -> Callable[[str], Provider]:
    """The fake model API of this name: shared by all tests, reset before each."""

    def forgetful(name: str) -> Provider:
        _model_apis[name].forget()
        return _model_apis[name]

    return forgetful
