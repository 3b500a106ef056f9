"""Being closed: Ctrl-C, `kill`, or a terminal that goes away."""

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

from deploy.stack.refusals import ClosedError

CLOSING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BLINK = 0.05


class Closing:
    """Remembers that one of the CLOSING signals came; only `pause` acts on it.

    Nothing is raised in the middle of starting a process, which would then be forgotten. A second
    signal changes nothing.
    """

    def __init__(self) -> None:
        self.has_come = False

    def remember(self, _number: int, _frame: FrameType | None) -> None:
        self.has_come = True

    def check(self) -> None:
        """Raise ClosedError if the stack has been closed."""
        if self.has_come:
            raise ClosedError

    def pause(self, seconds: float) -> None:
        """Sleep, or raise ClosedError as soon as the stack has been closed."""
        end = time.monotonic() + seconds
        self.check()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(_BLINK, left))
            self.check()


@contextlib.contextmanager
def watched() -> Iterator[Closing]:
    """Collect the CLOSING signals instead of ending by them; `nohup` is respected."""
    closing = Closing()
    handlers = [
        (number, signal.signal(number, closing.remember))
        for number in CLOSING
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN
    ]
    try:
        yield closing
    finally:
        for number, handler in handlers:
            signal.signal(number, handler)
