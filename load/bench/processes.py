"""Servers that a bench starts for itself, and ends."""

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from load.bench.figures import MeasurementError

SECONDS_TO_START = 30
SECONDS_TO_STOP = 15
HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def started(
    command: Sequence[str],
    *,
    log: Path,
    port: int,
    path: str,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it answers `path` with 200 or 204, and end it afterwards.

    Raises MeasurementError with what it wrote where it does not.
    """
    with log.open("wb") as file:
        # Out of reach of this terminal's Ctrl-C: it is ended here, in its turn.
        process = subprocess.Popen(  # noqa: S603
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(process, port=port, path=path, log=log)
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and end it where it does not."""
    process.terminate()
    try:
        process.wait(timeout=SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu_seconds(leader: int) -> float:
    """Return what a server and its workers have used of the processors so far (on Linux).

    It says more than the clock on a machine that does other things as well.
    """
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may have anything in it.
            fields = file.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _wait_for(process: subprocess.Popen[bytes], *, port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    answer: object = "nothing"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer, _ = get(port, path)
        except OSError as error:
            answer = error
        if answer in {200, 204}:
            return
        time.sleep(0.05)
    said = log.read_text(errors="replace").strip()[-2_000:]
    raise MeasurementError(f"{process.args!r} answers {path} with {answer}:\n{said}")


def get(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Ask once; return the status and the body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS_TO_START)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
