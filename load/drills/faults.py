"""What is done to a part. Each returns when it is over; nothing is mended but by the stack."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.stack.client import Stack
from load.drills.ways import Way, Ways

SECONDS = 10.0
SECONDS_MORE = 0.2
_SECONDS_TO_STOP = 60
_BETWEEN_LOOKS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A part of a stack: the programs it is, and the ways on which it is spoken to."""

    stack: Stack
    programs: Sequence[str]
    ways: Sequence[Way]
    all_ways: Ways
    seconds: float = SECONDS


def kill(victim: Victim) -> None:
    """End it with all its processes at once, as the machine does that runs out of memory."""
    for number in _processes(victim):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def restart(victim: Victim) -> None:
    """Have each of its programs finish and start anew, one after the other."""
    for name in victim.programs:
        with _stopped(victim.stack, [name]):
            pass


def pause(victim: Victim) -> None:
    """Let it stand still: it is there, and does nothing."""
    numbers = _processes(victim)
    try:
        _send(numbers, signal.SIGSTOP)
        time.sleep(victim.seconds)
    finally:
        _send(numbers, signal.SIGCONT)


def slow(victim: Victim) -> None:
    """Let each question to it take 200 ms more."""
    victim.all_ways.slow(victim.ways, seconds=SECONDS_MORE)
    _mend_after(victim)


def cut(victim: Victim) -> None:
    """Reset its connections, and whoever tries again is reset, too."""
    victim.all_ways.cut(victim.ways)
    _mend_after(victim)


def away(victim: Victim) -> None:
    """Let it not be there."""
    with _stopped(victim.stack, victim.programs):
        time.sleep(victim.seconds)


FAULTS: Mapping[str, Callable[[Victim], None]] = {
    fault.__name__: fault for fault in (kill, restart, pause, slow, cut, away)
}
# What every part meets; to be away, and for how long, has to be asked for.
USUAL = ("kill", "restart", "pause", "slow", "cut")


class UnknownFaultError(Exception):
    """The message names what there is."""


def chosen(names: Sequence[str]) -> list[str]:
    """Return the faults of these names, the usual ones for none. Raises UnknownFaultError."""
    for name in names:
        if name not in FAULTS:
            raise UnknownFaultError(f"FAULTS is {name!r}; there are {', '.join(FAULTS)}")
    return [name for name in FAULTS if name in (names or USUAL)]


def _mend_after(victim: Victim) -> None:
    try:
        time.sleep(victim.seconds)
    finally:
        victim.all_ways.mend(victim.ways)


@contextlib.contextmanager
def _stopped(stack: Stack, names: Sequence[str]) -> Iterator[None]:
    """Have programs finish, and start them again afterwards, whatever happens."""
    supervisor = stack.supervisor
    for name in names:
        supervisor.stop(name)
    deadline = time.monotonic() + _SECONDS_TO_STOP
    while any(supervisor.state(name) == "STOPPING" for name in names):
        if time.monotonic() > deadline:
            break
        time.sleep(_BETWEEN_LOOKS)
    try:
        yield
    finally:
        for name in names:
            supervisor.start(name)


def _processes(victim: Victim) -> list[int]:
    """Return the processes of its programs, each before those that it has started."""
    firsts = [victim.stack.pid_of(name) for name in victim.programs]
    return [number for first in firsts if first for number in family(first)]


def family(first: int) -> list[int]:
    """Return the numbers of a process and of all that it has started, itself first."""
    found, numbers = [first], _children()
    for number in found:
        found += numbers.get(number, [])
    return found


def _children() -> dict[int, list[int]]:
    """Return the processes of this machine by who has started them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may have any letter in it.
            _, _, rest = (entry / "stat").read_text().rpartition(")")
            children.setdefault(int(rest.split()[1]), []).append(int(entry.name))
    return children


def _send(numbers: Sequence[int], number: signal.Signals) -> None:
    for each in numbers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, number)
