"""Messages to the workers: each confirmed by the broker once it is safe with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import AMQPError
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import KombuError

from shop.events.actions.registering import Listener

# What a broker that is away, or goes while it is spoken to, makes of a call.
AWAY: tuple[type[Exception], ...] = (OSError, AMQPError, KombuError)
HANDLE = "novashop.handle"
_SECONDS_TO_CONFIRM = 10


def celery_app() -> Any:
    """Return the Celery that the project has set up: the shop itself does not know it."""
    return import_string(settings.CELERY_APP)


@contextmanager
def connected() -> Iterator[Any]:
    """Yield a connection to the broker. Raises one of AWAY."""
    with celery_app().connection_for_write() as connection:
        connection.connect()
        yield connection


class Sender:
    """Sends messages on one connection."""

    def __init__(self, connection: Any) -> None:
        self._app = celery_app()
        self._producer = connection.Producer()
        # On a new broker: before there is a message, so that none can die with nowhere to go.
        for queue in self._app.amqp.queues.values():
            queue.bind(self._producer.channel).declare()

    def is_full(self, queue: str, *, limit: int) -> bool:
        """Tell whether so many messages wait there: whoever sends more only moves the line."""
        bound = self._app.amqp.queues[queue].bind(self._producer.channel)
        return bool(bound.queue_declare(passive=True).message_count >= limit)

    def send(self, event_id: int, listener: Listener) -> None:
        """Ask a worker to let a handler hear an event; return when the broker has it for sure."""
        self._app.send_task(
            HANDLE,
            args=[event_id, listener.name],
            queue=listener.queue,
            producer=self._producer,
            retry=False,
            confirm_timeout=_SECONDS_TO_CONFIRM,
            ignore_result=True,
        )
