"""The app server: one process that watches, and workers that answer."""

import functools
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

from shop.ops.draining import Closing, Draining

# How long requests that have begun may take to finish when the shop is closed.
SECONDS_TO_CLOSE = 10
# What closes the shop: Ctrl-C, `kill`, and a terminal that is closed.
CLOSING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

_NO_LOG_OF_ITS_OWN = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


def serve(
    *,
    application: str,
    address: str,
    port: int,
    announce: Callable[[], None],
    workers: int = 1,
    threads: int = 1,
    drain: float = 0,
) -> None:
    """Serve the WSGI `application`, a dotted path, until one of the CLOSING signals comes.

    Each of the `workers` answers as many requests at once as there are `threads`.

    With `drain` it then goes on for so many seconds at most, until nobody asks any more (see
    draining.py); a second signal closes it at once. `announce` is called once the port is the
    shop's. Call this with no database connection open: the workers are forks.
    """
    closing = Closing()
    server = _server(application, address=address, port=port, workers=workers, threads=threads)
    server.on_startup(
        lambda: _close_on_signals(server.signal_handler_interrupt, closing=closing, drain=drain)
    )
    server.on_startup(announce)
    server.serve(target_loader=functools.partial(load_application, closing=closing))


def _server(application: str, *, address: str, port: int, workers: int, threads: int) -> Any:
    return Granian(
        application,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # One thread keeps one database connection for good. Where there are more, they come and go,
        # and so they speak to no database (shop/lib/database_thread.py).
        blocking_threads=threads,
        websockets=False,
        log_level=LogLevels.warning,
        # Its records go where the shop's go, and in the same form.
        log_dictconfig=_NO_LOG_OF_ITS_OWN,
        # A worker that crashed, or was killed for its memory, comes back.
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_CLOSE,
        process_name="novashop",
    )


def _close_on_signals(close: Callable[[], None], *, closing: Closing, drain: float) -> None:
    """Call `close` after the first of the CLOSING signals, whichever thread it reaches.

    Python runs its handlers in the main thread alone, and that one sleeps on when the kernel has
    given the signal to another, as it does with a shop that was suspended. So a thread of its own
    reads which signals have come.
    """
    for number in CLOSING:
        # By itself the server would answer a closed terminal with a new worker.
        signal.signal(number, lambda *_: None)
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())

    def wait() -> None:
        _wait_for_signal(reader, seconds=None)
        closing.begin()
        while (left := closing.seconds_left(at_most=drain)) > 0:
            if _wait_for_signal(reader, seconds=left):
                break
        close()
        # The signals after that, too, must find the other end open.
        while writer.fileno() >= 0:
            _wait_for_signal(reader, seconds=None)

    threading.Thread(target=wait, name="close-on-signals", daemon=True).start()


def _wait_for_signal(reader: socket.socket, *, seconds: float | None) -> bool:
    """Wait for one of the CLOSING signals, and tell whether it came in time."""
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return False
        reader.settimeout(left)
        try:
            if reader.recv(1)[0] in CLOSING:
                return True
        except TimeoutError:
            return False


def load_application(application: str, *, closing: Closing) -> Any:
    """Return the WSGI application. This runs in the worker, before its first request."""
    # The fork has the handlers of the process that watches. Until the server has set some of its
    # own, being told to finish simply ends the worker.
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ctrl-C reaches a whole group of processes, but the worker waits until it is told to finish:
    # one that ends unasked is taken for a crash.
    os.setpgrp()
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    return Draining(import_string(application), closing=closing)


def _end_with_parent() -> None:
    """End this worker when the process that watches it is gone, killed for instance."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_CLOSE)
    os._exit(1)
