"""What all tests of the API start from."""

from typing import Any

import pytest

from shop.api.tests.calling import Api


@pytest.fixture(autouse=True)
def open_gate(settings: Any) -> None:
    """Tests call more often than people do."""
    settings.THROTTLE = False


@pytest.fixture
def api(db: None) -> Api:
    """Somebody without a token."""
    return Api()
