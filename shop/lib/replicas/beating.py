"""The beat: while there are replicas, whoever runs the relay counts the seconds in the primary."""

import contextlib
import threading
from collections.abc import Iterator

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import close_old_connections, connections
from django.db.models import F

from shop.lib.models import Beat
from shop.lib.replicas import limits

# The one row.
ROW = 1


@contextlib.contextmanager
def beating() -> Iterator[None]:
    """Beat from a thread of its own while the block runs: what the relay does may take its time.

    Any number of processes may beat; the number only has to rise. Without replicas nothing is done.
    """
    if not settings.REPLICAS:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(stop,), name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def beat() -> None:
    """Raise the number by one."""
    if not Beat.objects.filter(pk=ROW).update(number=F("number") + 1):
        Beat.objects.bulk_create([Beat(pk=ROW, number=1)], ignore_conflicts=True)


def _beat_until(stop: threading.Event) -> None:
    while not stop.is_set():
        # The relay says so when the database is away; without beats nobody trusts a replica.
        with contextlib.suppress(AnyDatabaseError):
            close_old_connections()
            beat()
        stop.wait(limits.BEAT_SECONDS)
    connections.close_all()
