"""`manage.py relay`: deliver events and run the schedule in a process of its own."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from shop.ops.relaying import relay_until


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C, and finishes what it is doing first."""

    help = "Deliver events and run the schedule until stopped. May run twice, anywhere."

    def handle(self, **_options: Any) -> None:
        """Run the command."""
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        self.stdout.write("The relay is running.")
        relay_until(stop)
        self.stdout.write("The relay has stopped.")
