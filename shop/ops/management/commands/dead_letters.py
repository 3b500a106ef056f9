"""`manage.py dead_letters`: messages that no worker could handle."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from shop.events import actions
from shop.ops.shop_command import ShopCommand


class Command(ShopCommand):
    """Lists dead letters, or puts them back."""

    help = "List the messages that no worker could handle, or put them back where they came from."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the command is asked."""
        parser.add_argument("word", choices=["list", "put_back"])
        parser.add_argument("--limit", type=int, default=100, help="default: %(default)s")

    def handle(self, *, word: str, limit: int, **_options: Any) -> None:
        """Run the command. Raises CommandError where there is no broker."""
        letters = actions.dead_letters()
        if letters is None:
            raise CommandError("Nothing carries events here (BROKER_URL): there are no messages.")
        try:
            if word == "put_back":
                count = letters.put_back(limit=limit)
                self.stdout.write(f"{count} messages are back where they came from.")
                return
            for letter in letters.dead_letters(limit=limit):
                self.stdout.write(
                    f"{letter.queue}  {letter.reason}  {letter.task}  {letter.arguments}"
                )
        except letters.AWAY as error:
            raise CommandError(f"The broker does not answer: {error}") from error
