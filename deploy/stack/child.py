"""Becomes one program of the stack: `python -I child.py FILE`, where FILE describes the program.

Between the supervisor and its program, this does what the supervisor cannot: it lets the program
write to its log without the supervisor carrying every line, ends what is left of an earlier life of
the program, lets it stand back for others, takes on an account, and asks the kernel to end the
program when the supervisor dies. It uses the standard library alone and imports little of it.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import time
from typing import Any

# <linux/prctl.h>
_SET_PARENT_DEATH_SIGNAL = 1
_SECONDS_TO_END = 5
_ENOUGH_FILES = 65_536


def main(file: str) -> None:
    with open(file, encoding="utf-8") as text:  # noqa: PTH123  (pathlib would double the time)
        program: dict[str, Any] = json.load(text)
    parent = os.getppid()
    _write_to(program["log"])
    _end_former_self(f"{file}.group")
    _open_many_files()
    os.nice(program["niceness"])
    os.chdir(program["folder"])
    if program["ids"]:
        user, group = program["ids"]
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        # Whoever started the stack, or Python, may have had it ignored.
        signal.signal(number, signal.SIG_DFL)
    _end_with(parent, by=program["stop_signal"])
    command = program["command"]
    try:
        os.execve(command[0], command, program["environment"])  # noqa: S606
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}")


def _write_to(log: str) -> None:
    # Appending, so that the file can be cut short while it is written to.
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)


def _open_many_files() -> None:
    """Every connection is a file: let the program have as many as one may give it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = _ENOUGH_FILES if most == resource.RLIM_INFINITY else min(most, _ENOUGH_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


def _end_former_self(note: str) -> None:
    """End what a program has left behind whose first process was killed.

    The number of a group is not given away while somebody is in it, so these are nobody else's.
    """
    with contextlib.suppress(FileNotFoundError), open(note, encoding="ascii") as text:  # noqa: PTH123
        former = int(text.read())
        for number in (signal.SIGTERM, signal.SIGKILL):
            _end_rest_of(former, by=number)
    with open(note, "w", encoding="ascii") as text:  # noqa: PTH123
        # The supervisor makes each program the first of its group.
        text.write(str(os.getpgrp()))


def _end_rest_of(group: int, *, by: signal.Signals) -> None:
    deadline = time.monotonic() + _SECONDS_TO_END
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if group == os.getpgrp() or _exists(group):
            return
        os.killpg(group, by)
        while time.monotonic() < deadline:
            time.sleep(0.02)
            os.killpg(group, 0)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _end_with(parent: int, *, by: int) -> None:
    """Let the kernel send the signal when the parent is gone. Elsewhere than on Linux, nobody does.

    A change of account forgets it, so this comes after.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, by)
        if os.getppid() != parent:
            sys.exit("the supervisor is gone")


if __name__ == "__main__":
    main(sys.argv[1])
