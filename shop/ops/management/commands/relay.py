"""`manage.py relay`: deliver events and run the schedule in a process of its own."""

import signal
import threading
from typing import Any

from django.core.management.base import CommandParser

from shop.ops.answering import Pulse, add_port, answering_if_asked
from shop.ops.relaying import relay_until
from shop.ops.shop_command import ShopCommand


class Command(ShopCommand):
    """Runs until SIGTERM or Ctrl-C, and finishes what it is doing first."""

    help = "Deliver events and run the schedule until stopped. May run twice, anywhere."
    is_hurried = True

    def add_arguments(self, parser: CommandParser) -> None:
        add_port(parser)

    def handle(self, *, host: str = "127.0.0.1", port: str | None = None, **_options: Any) -> None:
        """Run the command."""
        stop, pulse = threading.Event(), Pulse()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _set(stop))
        with answering_if_asked(host=host, port=port, pulse=pulse):
            self.say("The relay is running.")
            relay_until(stop, beat=pulse.beat)
            self.say("The relay has stopped.")


def _set(stop: threading.Event) -> None:
    """Set the event from a signal's handler.

    The handler runs in the middle of whatever the main thread does. If that is `stop.wait`, which
    holds a lock for a moment, `stop.set` would wait for that lock, here, for ever.
    """
    threading.Thread(target=stop.set).start()
