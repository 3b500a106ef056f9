"""Keeping the logs within bounds, while programs go on writing to them."""

import shutil
from pathlib import Path

LARGEST = 10_000_000
KEPT = 3


def rotate(logs: Path) -> None:
    """Set what is in each log that has grown too large aside, and let the log begin anew.

    Its program keeps it open for appending, so it is copied and cut short, not renamed. A line that
    is written just in between is lost.
    """
    for log in logs.glob("*.log"):
        if log.stat().st_size > LARGEST:
            for number in range(KEPT - 1, 0, -1):
                if (older := _numbered(log, number)).exists():
                    older.replace(_numbered(log, number + 1))
            shutil.copyfile(log, _numbered(log, 1))
            with log.open("r+b") as file:
                file.truncate()


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
