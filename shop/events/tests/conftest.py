"""Fixtures for tests of news and the schedule."""

from collections.abc import Iterator
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
import time_machine

from shop.events.actions.registering import entries, handlers, kinds
from shop.events.tests.telling import TOLD_IN_TESTS

NOON = datetime(2030, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def nobody_listens() -> Iterator[None]:
    """Start without handlers and periodic work, and give back those of the shop afterwards."""
    told = {kind.name: kind for kind in TOLD_IN_TESTS}
    with (
        patch.dict(handlers, clear=True),
        patch.dict(entries, clear=True),
        patch.dict(kinds, told),
    ):
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stand still at noon until the test moves on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def traces_stand_out(no_groups_yet: None) -> None:
    """Handlers of these tests leave a group as their trace."""
