"""How the processes of this machine are that count together: what they hold, and since when.

Each writes a note of itself when it begins to count, and whoever is asked looks the others up where
Linux tells of them. Elsewhere nothing is known, and nothing is told.
"""

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
# Places in /proc/<pid>/stat behind the name of the program, which can hold anything.
_UTIME, _STIME, _STARTED, _PAGES = 11, 12, 19, 21
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """One process now; `name` is what PROCESS called it, `started_at` in seconds since 1970."""

    name: str
    started_at: float
    resident_bytes: int
    cpu_seconds: float


def lane_of(process: str) -> str:
    """Return what a process is there for, by its name: browse-1 and browse-2 are one lane."""
    return re.sub(r"-?[0-9]+$", "", process) or "shop"


def name_of(process: str, *, arguments: Sequence[str]) -> str:
    """Return what to call a process: its own name, or else what manage.py was told to do."""
    program, *words = arguments or [""]
    command = words[0] if words and Path(program).name == "manage.py" else ""
    return process or command or lane_of("")


def note_of_self(name: str) -> str:
    """Return by what others find this process, and know that it is no other of the same number."""
    stat = _stat(os.getpid())
    if stat is None:
        return ""
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(stat[_STARTED]) / _TICKS
    return f"{os.getpid()} {stat[_STARTED]} {_room()} {time.time() - age:.3f} {name}"


def read_note(note: str) -> ProcessFacts | None:
    """Return how the process is that wrote this; None where it is gone, or cannot be seen."""
    words = note.split(" ", maxsplit=4)
    if len(words) < 5 or words[2] != _room():
        return None
    pid, started, _, started_at, name = words
    stat = _stat(int(pid))
    if stat is None or stat[_STARTED] != started:
        return None
    cpu = int(stat[_UTIME]) + int(stat[_STIME])
    return ProcessFacts(
        name=name,
        started_at=float(started_at),
        resident_bytes=int(stat[_PAGES]) * os.sysconf("SC_PAGE_SIZE"),
        cpu_seconds=cpu / _TICKS,
    )


def read_notes(notes: Mapping[str, str]) -> dict[str, ProcessFacts]:
    """Return those that are there, under the numbers of their notes."""
    found = {number: read_note(note) for number, note in notes.items()}
    return {number: facts for number, facts in found.items() if facts is not None}


def _room() -> str:
    """Return where numbers of processes mean the same: containers each have their own."""
    try:
        return str((_PROC / "self" / "ns" / "pid").readlink()).replace(" ", "")
    except OSError:
        return "-"


def _stat(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()
