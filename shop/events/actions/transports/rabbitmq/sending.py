"""Messages to the workers: many on their way at once, and each confirmed by the broker."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from amqp.exceptions import AMQPError, MessageNacked
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import KombuError

from shop.events.actions.registering import QUEUES, Listener

# What a broker that is away, or goes while it is spoken to, makes of a call.
AWAY: tuple[type[Exception], ...] = (OSError, AMQPError, KombuError, MessageNacked)
HANDLE = "novashop.handle"
_SECONDS_TO_ANSWER = 10

_kept = threading.local()


def celery_app() -> Any:
    """Return the Celery that the project has set up: the shop itself does not know it."""
    return import_string(settings.CELERY_APP)


@contextmanager
def connected() -> Iterator[Any]:
    """Yield a connection to the broker. Raises one of AWAY."""
    with celery_app().connection_for_write() as connection:
        connection.connect()
        yield connection


@contextmanager
def sending() -> Iterator["Sender"]:
    """Yield this thread's sender, connected anew where the broker has hung up. Raises one of AWAY.

    It is kept for the next time: connecting takes longer than sending a hundred messages.
    """
    sender = _kept_sender() or _new_sender()
    try:
        yield sender
    except BaseException:
        hang_up()
        raise


def hang_up() -> None:
    """Let go of this thread's connection to the broker, if it has one."""
    sender = _kept.__dict__.pop("sender", None)
    if sender is not None:
        sender.close()


def _kept_sender() -> "Sender | None":
    sender: Sender | None = getattr(_kept, "sender", None)
    if sender is not None and not sender.is_connected():
        hang_up()
        return None
    return sender


def _new_sender() -> "Sender":
    # Nobody would answer a heartbeat while there is nothing to send. Who does not speak for a
    # while, when asked, is away.
    patience = {"read_timeout": _SECONDS_TO_ANSWER, "write_timeout": _SECONDS_TO_ANSWER}
    connection = celery_app().connection_for_write(
        heartbeat=0, transport_options={"confirm_publish": False, **patience}
    )
    try:
        connection.connect()
        sender = Sender(connection)
    except BaseException:
        connection.release()
        raise
    _kept.sender = sender
    return sender


class Sender:
    """Sends messages on one connection, many before the first of them is confirmed."""

    def __init__(self, connection: Any) -> None:
        self._app = celery_app()
        self._connection = connection
        self._producer = connection.Producer()
        self._count = 0
        # By the number of a message on this channel, the events that it is about.
        self._unconfirmed: dict[int, Sequence[int]] = {}
        # On a new broker: before there is a message, so that none can die with nowhere to go.
        for queue in self._app.amqp.queues.values():
            queue.bind(self._channel).declare()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirm)
        self._channel.events["basic_nack"].add(self._refuse)

    def is_full(self, queue: str, *, limit: int) -> bool:
        """Tell whether so many messages wait there: whoever sends more only moves the line."""
        return bool(self._bound(queue).queue_declare(passive=True).message_count >= limit)

    def is_connected(self) -> bool:
        """Ask the broker whether it still listens to us."""
        try:
            self._bound(QUEUES[0]).queue_declare(passive=True)
        except AWAY:
            return False
        return True

    def send(self, event_ids: Sequence[int], listener: Listener) -> None:
        """Ask a worker to let a handler hear events; `settle` says when that is for sure."""
        self._app.send_task(
            HANDLE,
            args=[list(event_ids), listener.name],
            queue=listener.queue,
            producer=self._producer,
            retry=False,
            ignore_result=True,
        )
        self._count += 1
        self._unconfirmed[self._count] = event_ids

    def settle(self) -> None:
        """Return when the broker has all messages for sure; raises one of AWAY if it has not."""
        deadline = time.monotonic() + _SECONDS_TO_ANSWER
        while self._unconfirmed:
            self._connection.drain_events(timeout=max(0.001, deadline - time.monotonic()))

    def unconfirmed(self) -> set[int]:
        """Return the events of which the broker does not have every message for sure."""
        return {event_id for ids in self._unconfirmed.values() for event_id in ids}

    def close(self) -> None:
        """Hang up."""
        with suppress(*AWAY):
            self._connection.release()

    @property
    def _channel(self) -> Any:
        return self._producer.channel

    def _bound(self, queue: str) -> Any:
        return self._app.amqp.queues[queue].bind(self._channel)

    def _confirm(self, number: int, multiple: bool) -> None:
        first = 1 if multiple else number
        for one in [one for one in self._unconfirmed if first <= one <= number]:
            del self._unconfirmed[one]

    @staticmethod
    def _refuse(number: int, multiple: bool) -> None:
        raise MessageNacked(f"message {number}{' and those before it' * multiple}")
