"""A shop as a real process, on a data folder and a port of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
SECONDS_TO_OPEN = 120
SECONDS_TO_CLOSE = 60


class Shop:
    """A shop in a folder of its own: what it is started with, and what it says."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.database = data / "novashop.sqlite3"
        self.port = free_port()
        # An address that no shop has.
        self.nowhere = f"http://127.0.0.1:{self.port}/nowhere/at/all/"
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(data),
            # So that no file appears for the key.
            "SECRET_KEY": "known-to-every-test",
        }

    def command(self, *options: str) -> list[str]:
        return [*MANAGE, "serve", "--port", str(self.port), *options]

    def refusal(
        self, *options: str, through: Sequence[str] = (), **environment: str
    ) -> tuple[int, str, str]:
        """Start it, expecting that it ends by itself: return its status and what it wrote."""
        done = subprocess.run(
            [*through, *self.command(*options)],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_OPEN,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    @contextlib.contextmanager
    def started(self, *options: str, log: Path | None = None) -> Iterator[subprocess.Popen[str]]:
        """Start it like a terminal does, in a group of processes of its own.

        What it says waits in pipes until it is closed. They hold little: where it says much, it
        would stop for ever in the middle of a word, and needs a `log`.
        """
        with contextlib.ExitStack() as stack:
            out = err = subprocess.PIPE
            if log is not None:
                out = err = stack.enter_context(log.open("ab")).fileno()
            process = subprocess.Popen(
                self.command(*options),
                env=self.environment,
                stdout=out,
                stderr=err,
                text=True,
                start_new_session=True,
            )
            self.process = process
            try:
                yield process
            finally:
                process.kill()
                process.communicate(timeout=SECONDS_TO_CLOSE)

    def wait_until_open(self) -> int:
        """Return the HTTP status of its answer to `nowhere`."""
        deadline = time.monotonic() + SECONDS_TO_OPEN
        while True:
            try:
                return status_of(self.nowhere)
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def files(self) -> dict[str, bytes]:
        found = (path for path in self.data.rglob("*") if path.is_file())
        return {str(path.relative_to(self.data)): path.read_bytes() for path in found}


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def close(process: subprocess.Popen[str], *, by: signal.Signals) -> tuple[int, str, str]:
    """Send the signal to the first process alone, and wait for all of them.

    Every child writes to the same pipes, so they end only when the last child has ended.
    """
    process.send_signal(by)
    out, err = process.communicate(timeout=SECONDS_TO_CLOSE)
    return process.returncode, out, err
