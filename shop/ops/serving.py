"""The app server of the embedded shop: one process that watches and one worker that answers."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

# How long requests that have begun may take to finish when the shop is closed.
SECONDS_TO_CLOSE = 10


def serve(*, application: str, address: str, port: int, announce: Callable[[], None]) -> None:
    """Serve the WSGI `application`, a dotted path, until SIGINT, SIGTERM or SIGHUP.

    `announce` is called once the port is the shop's. Call this with no database connection open:
    the worker is a fork.
    """
    server = Granian(
        application,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        # One thread keeps one database connection for good. More of them come and go, and each one
        # that goes would leave its connection behind.
        blocking_threads=1,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=SECONDS_TO_CLOSE,
        process_name="novashop",
    )
    server.on_startup(announce)
    # A terminal that is closed closes the shop; by itself the server would only start new workers.
    server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
    server.serve(target_loader=load_application)


def load_application(application: str) -> Any:
    """Return the WSGI application. This runs in the worker, before its first request."""
    # The fork has the handlers of the process that watches: a signal that came now would be lost.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ctrl-C reaches a whole group of processes, but the worker waits until it is told to finish:
    # one that ends unasked is taken for a crash.
    os.setpgrp()
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    return import_string(application)


def _end_with_parent() -> None:
    """End this worker when the process that watches it is gone, killed for instance."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_CLOSE)
    os._exit(1)
