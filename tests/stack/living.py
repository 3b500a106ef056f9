"""Stacks as somebody at a terminal has them: started, looked at, ended by words and signals."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.stack.folders import Folders
from deploy.stack.settings import ROOT
from tests.waiting import wait_until

STACK = [sys.executable, "-m", "deploy.stack"]
SECONDS = 120


def say(
    *words: str, folder: Path, through: list[str] | None = None, **environment: str
) -> tuple[int, str, str]:
    """Call the stack's command line; return its status and what it wrote."""
    done = subprocess.run(
        [*(through or []), *STACK, *words],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(folder)} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def start(folder: Path, *, port: int) -> subprocess.Popen[bytes]:
    """Start a stack like a terminal does, in a group of processes of its own."""
    with (folder / "window.log").open("wb") as window:
        return subprocess.Popen(
            [*STACK, "up", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"DATA_DIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=window,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def processes_in(folder: Path) -> list[str]:
    """Return the command lines of all processes that work in the stack's folders."""
    return [
        (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        for process in _processes_in(folder)
    ]


def _processes_in(folder: Path) -> Iterator[Path]:
    places = (folder, Folders(folder).sockets)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = (process / "cwd").readlink()
        except OSError:
            continue
        if any(place.is_relative_to(here) for here in places):
            yield process


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def status_of(url: str) -> int:
    """Return the status of the answer; 0 when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_for(what: Callable[[], bool]) -> None:
    """Wait for as long as a stack may take for anything."""
    wait_until(what, seconds=SECONDS)
