"""Being a worker of Celery: one process that handles one message after the other."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from celery import signals

from shop.events.actions.transports.rabbitmq.sending import AWAY, celery_app, declare_queues

_BETWEEN_BEATS_SECONDS = 5.0


def work(*, queues: Sequence[str], beat: Callable[[], None]) -> int:
    """Handle what comes in these queues until SIGTERM, finish what was begun; return the status.

    `beat` is called every few seconds while it could handle something.
    """

    def beat_from_now_on(sender: Any, **_: Any) -> None:
        sender.timer.call_repeatedly(_BETWEEN_BEATS_SECONDS, beat)

    signals.worker_ready.connect(beat_from_now_on)
    with suppress(*AWAY):
        # On a new broker, the relay may come later: what nobody can handle has to go somewhere.
        declare_queues()
    # More of them are more processes: each can be counted, stopped and started anew by itself.
    worker = celery_app().Worker(
        queues=list(queues),
        pool="solo",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)
