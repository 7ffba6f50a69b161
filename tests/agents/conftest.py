import pytest

from tests.agents.shop import Shop, make_shop


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()
