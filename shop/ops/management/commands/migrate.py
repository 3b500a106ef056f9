"""`manage.py migrate`: Django's own, which may take its time."""

from typing import Any

from django.core.management.commands import migrate

from shop.lib.patience import unhurried


class Command(migrate.Command):
    """Updates the tables of a large shop, which takes longer than a visitor would wait.

    It waits for a lock no longer than anybody else: a table that it waits for is closed to those
    who come after it.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        with unhurried():
            super().handle(*args, **options)
