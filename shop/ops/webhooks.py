"""Sending to webhooks, beside the relay: whoever runs one sends what the handlers have written."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from django.db import Error as AnyDatabaseError
from django.db import close_old_connections, connections

from shop.events.actions import WebhookSender

logger = logging.getLogger(__name__)

REST_SECONDS = 1.0
# What a receiver gets to answer when the shop stops; else it is asked once more, by another sender.
GRACE_SECONDS = 3.0


@contextlib.contextmanager
def telling_webhooks() -> Iterator[Callable[[], None]]:
    """Send from a thread of its own while the block runs; what is yielded wakes it.

    It may run many times, anywhere. Nobody waits for it, whatever receivers do.
    """
    stop, sender = threading.Event(), WebhookSender()
    thread = threading.Thread(
        target=_send_until, args=(stop, sender), name="webhook-sender", daemon=True
    )
    thread.start()
    try:
        yield sender.ring
    finally:
        stop.set()
        sender.ring()
        thread.join(GRACE_SECONDS + REST_SECONDS)


def _send_until(stop: threading.Event, sender: WebhookSender) -> None:
    while not stop.is_set():
        if not _send_once(sender):
            sender.rest(REST_SECONDS)
    with contextlib.suppress(AnyDatabaseError):
        sender.close(grace=GRACE_SECONDS)
    connections.close_all()


def _send_once(sender: WebhookSender) -> int:
    """Send what is due; return how many, none where the database is away."""
    try:
        # A connection that broke is replaced here, before it is needed.
        close_old_connections()
        return sender.work()
    except AnyDatabaseError as error:
        logger.warning("Webhooks wait for the database: %s", error)
    except Exception:  # one bad row must not end all sending
        logger.exception("Sending to webhooks failed")
    return 0
