"""Whether the broker is there, and what waits in it."""

from collections.abc import Mapping
from typing import Any

from shop.events.actions.transports.rabbitmq.sending import AWAY, celery_app, connected


def answers() -> bool | None:
    """Tell whether the broker answers within a moment."""
    try:
        with connected():
            return True
    except AWAY:
        return False


def messages() -> Mapping[str, int] | None:
    """Return how many messages wait in each queue, the dead among them; None: nobody answers."""
    try:
        with connected() as connection:
            channel = connection.default_channel
            queues = [queue.bind(channel) for queue in celery_app().amqp.queues.values()]
            return {queue.name: _count(queue) for queue in queues}
    except AWAY:
        return None


def _count(queue: Any) -> int:
    queue.declare()
    return int(queue.queue_declare(passive=True).message_count)
