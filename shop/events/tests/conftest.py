"""Fixtures for tests of news and the schedule."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from shop.events.actions.registering import entries, handlers, kinds
from shop.events.tests.telling import TOLD_IN_TESTS


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


@pytest.fixture(autouse=True)
def traces_stand_out(no_groups_yet: None) -> None:
    """Handlers of these tests leave a group as their trace."""
