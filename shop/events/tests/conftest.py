"""Fixtures for tests of news and the schedule."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any
from unittest.mock import patch

import pytest

from shop.events import queries
from shop.events.actions import on
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


@pytest.fixture
def may_call_here(nobody_listens: None, settings: Any) -> None:
    """Webhooks may go to this machine; the shop's own handler tells them what these tests tell."""
    from shop.events import tasks

    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    names = ("mug.broke", "mug.mended", "webhook.disabled")
    on(*names, is_quick=True, wanted=queries.names_wanted_by_webhooks)(tasks.tell_webhooks)
