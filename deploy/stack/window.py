"""The window the stack was started in: what every program writes, line by line with its name."""

import contextlib
import errno
import os
import queue
import re
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_TO_FINISH = 2
_MOST_AT_ONCE = 1_000_000
_WIDTH = 12
# What the supervisor says of what goes well, and of a socket without a password, which nobody but
# its owner can reach.
_DULL = re.compile(rb"^[-0-9]{10} [:,0-9]{12} (INFO .*|CRIT Server 'unix_http_server' .*)")


@dataclass(slots=True)
class _Log:
    """One log file, followed when it is cut short (rotation.py) or renamed (by the supervisor)."""

    path: Path
    file: BinaryIO | None = None
    rest: bytes = field(default=b"")

    def skip(self) -> None:
        """Leave out what earlier runs have written."""
        with contextlib.suppress(OSError):
            self.file = self.path.open("rb")
            self.file.seek(0, os.SEEK_END)

    def lines(self) -> list[bytes]:
        """Return the whole lines that are new, without their ends."""
        text = self._read()
        *lines, self.rest = (self.rest + text).split(b"\n")
        if not text and self._was_renamed():
            self.close()
        return lines

    def _read(self) -> bytes:
        if self.file is None:
            with contextlib.suppress(OSError):
                self.file = self.path.open("rb")
        if self.file is None:
            return b""
        if os.fstat(self.file.fileno()).st_size < self.file.tell():
            self.file.seek(0)
        return self.file.read(_MOST_AT_ONCE)

    def _was_renamed(self) -> bool:
        try:
            return self.file is not None and (
                self.path.stat().st_ino != os.fstat(self.file.fileno()).st_ino
            )
        except OSError:
            return False

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


class Window:
    """Shows the log files of a folder while it is open.

    Everything is written by a thread, so that a window which takes nothing more (a pipe that nobody
    reads) keeps nobody from closing the stack.
    """

    def __init__(self, logs: Path, names: list[str]) -> None:
        self._logs = {name: _Log(logs / f"{name}.log") for name in names}
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._show, name="window", daemon=True)

    def open(self) -> None:
        for log in self._logs.values():
            log.skip()
        self._thread.start()

    def say(self, text: str) -> None:
        self._said.put(text)

    def close(self) -> None:
        """Show what is left, unless nobody takes it."""
        self._closing.set()
        self._thread.join(timeout=_SECONDS_TO_FINISH)

    def _show(self) -> None:
        try:
            while not self._closing.is_set():
                self._look()
                self._closing.wait(_SECONDS_BETWEEN_LOOKS)
            self._look()
        except OSError as error:
            # The reader of a pipe is gone: the logs are kept in their files. Of a terminal that is
            # gone, the kernel tells the first process alone, which may only wait for us.
            if error.errno == errno.EIO:
                os.kill(os.getpid(), signal.SIGHUP)
        finally:
            for log in self._logs.values():
                log.close()

    def _look(self) -> None:
        for name, log in self._logs.items():
            head = f"{name:<{_WIDTH}} | ".encode()
            lines = (head + line + b"\n" for line in log.lines() if not _DULL.search(line))
            _write(b"".join(lines))
        with contextlib.suppress(queue.Empty):
            while True:
                _write(f"{self._said.get_nowait()}\n".encode(errors="replace"))


def _write(text: bytes) -> None:
    """Write all of it, also where whoever gave us the window made it non-blocking."""
    rest = memoryview(text)
    while rest:
        try:
            rest = rest[os.write(sys.stdout.fileno(), rest) :]
        except BlockingIOError:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
