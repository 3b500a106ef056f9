"""The broker of these tests, one for each process that runs them."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.servers.programs import NotInstalledError
from novashop.celery import app
from shop.events.actions.transports.rabbitmq.sending import hang_up
from tests.broker.servers import Broker, running_broker


@pytest.fixture(scope="session")
def _broker() -> Iterator[Broker]:
    try:
        with running_broker() as broker:
            yield broker
    except NotInstalledError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture
def broker(_broker: Broker, settings: Any) -> Iterator[Broker]:
    """A running broker that carries the events, with nothing in its queues."""
    settings.BROKER_URL = _broker.url
    settings.EVENT_TRANSPORT = "shop.events.actions.transports.rabbitmq"
    before = app.conf.broker_url
    app.conf.broker_url = _broker.url
    with app.connection_for_write() as connection:
        for queue in app.amqp.queues.values():
            bound = queue.bind(connection.default_channel)
            bound.declare()
            bound.purge()
    yield _broker
    hang_up()
    app.conf.broker_url = before
    app.pool.force_close_all()
