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

from shop.events.actions.registering import Listener
from shop.events.rules import QUEUES

# What a broker that is away, or goes while it is spoken to, makes of a call.
AWAY: tuple[type[Exception], ...] = (OSError, AMQPError, KombuError, MessageNacked)
HANDLE = "novashop.handle"
_SECONDS_TO_ANSWER = 10
# How long one believes what the broker has said of itself.
_SECONDS_TO_BELIEVE = 0.5

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


def declare_queues() -> None:
    """Make the queues that a new broker lacks, the one for the dead among them. Raises AWAY's."""
    with connected() as connection:
        _declare_queues(connection.default_channel)


def _declare_queues(channel: Any) -> None:
    for queue in celery_app().amqp.queues.values():
        queue.bind(channel).declare()


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
    try:
        if sender is not None:
            sender.look()
    except AWAY:
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
        # How many messages wait in each queue, and when that was so.
        self._waiting: dict[str, int] = {}
        self._looked_at = 0.0
        # On a new broker: before there is a message, so that none can die with nowhere to go.
        _declare_queues(self._channel)
        self.look()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirm)
        self._channel.events["basic_nack"].add(self._refuse)

    def look(self) -> None:
        """Look how many messages wait, unless that was done a moment ago. Raises one of AWAY."""
        if time.monotonic() - self._looked_at < _SECONDS_TO_BELIEVE:
            return
        for name in QUEUES:
            queue = self._app.amqp.queues[name].bind(self._channel)
            self._waiting[name] = queue.queue_declare(passive=True).message_count
        self._looked_at = time.monotonic()

    def is_full(self, queue: str, *, limit: int) -> bool:
        """Tell whether so many messages wait there: whoever sends more only moves the line."""
        return self._waiting[queue] >= limit

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
        self._waiting[listener.queue] += 1
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

    def _confirm(self, number: int, multiple: bool) -> None:
        first = 1 if multiple else number
        for one in [one for one in self._unconfirmed if first <= one <= number]:
            del self._unconfirmed[one]

    @staticmethod
    def _refuse(number: int, multiple: bool) -> None:
        raise MessageNacked(f"message {number}{' and those before it' * multiple}")
