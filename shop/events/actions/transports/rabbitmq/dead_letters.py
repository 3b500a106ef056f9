"""Messages that nobody could handle: to look at, and to put back where they came from.

The event that a message is about is not lost with it: it waits in the outbox, or was delivered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shop.events.actions.transports.rabbitmq.sending import AWAY, celery_app, connected

__all__ = ["AWAY", "DeadLetter", "dead_letters", "put_back"]

_QUEUE = "dead"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message, the queue that it was in, and why it is not any more."""

    queue: str
    reason: str
    task: str
    arguments: str


def dead_letters(*, limit: int) -> list[DeadLetter]:
    """Return the oldest ones, which stay where they are. Raises what a broker that is away does."""
    with connected() as connection:
        # They go back when the channel closes.
        return [_letter(message) for message in _taken(connection.channel(), limit)]


def put_back(*, limit: int) -> int:
    """Let the oldest ones be handled once more; return how many."""
    count = 0
    with connected() as connection:
        producer = connection.Producer()
        for message in _taken(connection.channel(), limit):
            producer.publish(
                message.body,
                routing_key=_letter(message).queue,
                exchange=celery_app().conf.task_default_exchange,
                content_type=message.content_type,
                content_encoding=message.content_encoding,
                headers=_own_headers(message),
                **_properties(message),
            )
            # Only now that the broker has it there as well.
            message.ack()
            count += 1
    return count


def _taken(channel: Any, limit: int) -> Iterator[Any]:
    queue = celery_app().amqp.queues[_QUEUE].bind(channel)
    queue.declare()
    for _ in range(limit):
        message = queue.get(no_ack=False)
        if message is None:
            return
        yield message


def _letter(message: Any) -> DeadLetter:
    deaths: Sequence[dict[str, Any]] = message.headers.get("x-death") or [{}]
    return DeadLetter(
        queue=str(deaths[0].get("queue", "events")),
        reason=str(deaths[0].get("reason", "unknown")),
        task=str(message.headers.get("task", "unknown")),
        arguments=str(message.headers.get("argsrepr", "")),
    )


def _own_headers(message: Any) -> dict[str, Any]:
    """Return the headers without what the broker has noted of its way."""
    return {name: value for name, value in message.headers.items() if not name.startswith("x-")}


def _properties(message: Any) -> dict[str, Any]:
    kept = ("correlation_id", "delivery_mode")
    return {name: message.properties[name] for name in kept if name in message.properties}
