"""How the programs of this folder speak, and how they are ended."""

import signal
import sys
from types import FrameType


def tell(line: str) -> None:
    """Write a line, and let whoever watches see it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def end_on_sigterm() -> None:
    """Let SIGTERM end this program as Ctrl-C does, with all that it has begun taken down."""
    signal.signal(signal.SIGTERM, _exit)


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
