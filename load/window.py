"""How the programs of this folder speak, and how they are ended."""

import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from deploy.stack.client import NotOpenedError
from load.bench.figures import MeasurementError


def tell(line: str) -> None:
    """Write a line, and let whoever watches see it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def end_on_sigterm() -> None:
    """Let SIGTERM end this program as Ctrl-C does, with all that it has begun taken down."""
    signal.signal(signal.SIGTERM, _exit)


def judged(name: str, measure: Callable[[], Sequence[str]]) -> int:
    """Measure, tell of the faults that come back, and return the program's exit status.

    It is 1 where there are faults, 2 where there was nothing to be measured, 130 after Ctrl-C.
    """
    end_on_sigterm()
    try:
        faults = measure()
    except (MeasurementError, NotOpenedError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    for fault in faults:
        tell(f"FAILED  {fault}")
    return 1 if faults else 0


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
