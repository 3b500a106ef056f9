"""What a worker does with a message."""

import logging
import time
from collections.abc import Sequence

from django.db import Error as AnyDatabaseError
from django.db import close_old_connections

from shop.events.actions.hearing import hear
from shop.lib.transactions import is_away

logger = logging.getLogger(__name__)

_REST_SECONDS = 1.0


def receive(event_ids: Sequence[int], handler: str, *, is_new: bool) -> None:
    """Let a handler hear events; while the database is away, wait for it with the message.

    Given back, the message would go from worker to worker until it counts as one that kills them.
    Of one that is not new, nobody knows which of its events took the worker along: each is then
    heard by itself, so that those before it are done with.
    """
    rest = 0.0
    while True:
        try:
            hear(event_ids=event_ids, handler=handler, together=is_new)
        except AnyDatabaseError as error:
            if not is_away(error):
                raise
            # It may be the connection alone that has gone, while there was nothing to do. To ask
            # before each message whether it is there would take a fifth of the way to the handler.
            close_old_connections()
            if rest:
                logger.warning("The worker waits for the database: %s", error)
            time.sleep(rest)
            rest = _REST_SECONDS
        else:
            return
