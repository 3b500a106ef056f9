"""The app server of the embedded shop: one process that watches and one worker that answers."""

import multiprocessing
import os
import signal
import socket
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
# What closes the shop: Ctrl-C, `kill`, and a terminal that is closed.
CLOSING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def serve(*, application: str, address: str, port: int, announce: Callable[[], None]) -> None:
    """Serve the WSGI `application`, a dotted path, until one of the CLOSING signals comes.

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
    server.on_startup(lambda: _close_on_signals(server.signal_handler_interrupt))
    server.on_startup(announce)
    server.serve(target_loader=load_application)


def _close_on_signals(close: Callable[..., None]) -> None:
    """Call `close` at the first of the CLOSING signals, whichever thread it reaches.

    Python runs its handlers in the main thread alone, and that one sleeps on when the kernel has
    given the signal to another, as it does with a shop that was suspended.
    """
    # By itself the server would answer a closed terminal with a new worker.
    signal.signal(signal.SIGHUP, close)
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())

    def wait() -> None:
        # The signals after the first, too, must find the other end open.
        while writer.fileno() >= 0:
            if reader.recv(1)[0] in CLOSING:
                close()

    threading.Thread(target=wait, name="close-on-signals", daemon=True).start()


def load_application(application: str) -> Any:
    """Return the WSGI application. This runs in the worker, before its first request."""
    # The fork has the handlers of the process that watches. Until the server has set some of its
    # own, being told to finish simply ends the worker.
    signal.set_wakeup_fd(-1)
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
