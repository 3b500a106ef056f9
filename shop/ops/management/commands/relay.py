"""`manage.py relay`: deliver events and run the schedule in a process of its own."""

import contextlib
import signal
import threading
from contextlib import AbstractContextManager
from typing import Any

from django.core.management.base import CommandError, CommandParser

from shop.ops import preflight
from shop.ops.answering import Pulse, answering_watchers
from shop.ops.relaying import relay_until
from shop.ops.shop_command import ShopCommand


class Command(ShopCommand):
    """Runs until SIGTERM or Ctrl-C, and finishes what it is doing first."""

    help = "Deliver events and run the schedule until stopped. May run twice, anywhere."
    is_hurried = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
        parser.add_argument(
            "--port", help="answer /healthz, /readyz and /metrics there (default: nowhere)"
        )

    def handle(self, *, host: str = "127.0.0.1", port: str | None = None, **_options: Any) -> None:
        """Run the command."""
        stop, pulse = threading.Event(), Pulse()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _set(stop))
        with _answering(host=host, port=port, pulse=pulse):
            self._say("The relay is running.")
            relay_until(stop, beat=pulse.beat)
            self._say("The relay has stopped.")

    def _say(self, sentence: str) -> None:
        """Say it at once, to a log file as well."""
        self.stdout.write(sentence)
        self.stdout.flush()


def _answering(*, host: str, port: str | None, pulse: Pulse) -> AbstractContextManager[None]:
    if port is None:
        return contextlib.nullcontext()
    try:
        address = preflight.check_address(host=host, port=port, instead="--port 8001")
    except preflight.CannotStartError as error:
        raise CommandError(f"The relay cannot start: {error}.") from error
    return answering_watchers(address=address, port=int(port), pulse=pulse)


def _set(stop: threading.Event) -> None:
    """Set the event from a signal's handler.

    The handler runs in the middle of whatever the main thread does. If that is `stop.wait`, which
    holds a lock for a moment, `stop.set` would wait for that lock, here, for ever.
    """
    threading.Thread(target=stop.set).start()
