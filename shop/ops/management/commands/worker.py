"""`manage.py worker`: let handlers hear events as the broker hands them out."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from shop.events import actions as events
from shop.ops.answering import Pulse, add_port, answering_if_asked
from shop.ops.shop_command import ShopCommand


class Command(ShopCommand):
    """Runs until SIGTERM or Ctrl-C, and finishes what it is doing first."""

    help = "Let handlers hear events as RabbitMQ hands them out (BROKER_URL). As many as you like."
    is_hurried = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the command is asked."""
        parser.add_argument(
            "--queues", default=",".join(events.QUEUES), help="separated by commas; default: all"
        )
        add_port(parser)

    def handle(
        self,
        *,
        queues: str = ",".join(events.QUEUES),
        host: str = "127.0.0.1",
        port: str | None = None,
        **_options: Any,
    ) -> None:
        """Run the command. Raises CommandError without a broker, and for a queue there is not."""
        work = events.worker()
        if work is None:
            raise CommandError("Nothing carries events here (BROKER_URL): the relay handles them.")
        chosen = [name.strip() for name in queues.split(",")]
        if unknown := [name for name in chosen if name not in events.QUEUES]:
            raise CommandError(f"There is no queue {unknown[0]!r}; there are {events.QUEUES}.")
        pulse = Pulse()
        with answering_if_asked(host=host, port=port, pulse=pulse):
            self.say(f"The worker of {', '.join(chosen)} is starting.")
            status = work(queues=chosen, beat=pulse.beat)
            self.say("The worker has stopped.")
        sys.exit(status)
