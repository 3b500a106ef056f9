"""Commands that work on a shop which has been made already."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from shop.lib.patience import unhurried
from shop.ops import preflight

# What a program that Ctrl-C has ended answers to its shell.
INTERRUPTED = 130


class ShopCommand(BaseCommand):
    """Refuses, in one sentence and before it does anything, a database that is not a shop's."""

    # Whether a statement is given up after a while, as it is where visitors wait for it.
    is_hurried = False

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command. Raises CommandError for a database that is broken, away or not made."""
        try:
            preflight.check_database(connection)
            with preflight.database_trouble(connection):
                self._check_tables()
        except preflight.CannotStartError as error:
            sentence = str(error)
            raise CommandError(f"{sentence[0].upper()}{sentence[1:]}.") from error
        if self.is_hurried:
            return super().execute(*args, **options)
        with unhurried():
            return super().execute(*args, **options)

    def say(self, sentence: str) -> None:
        """Say it at once, to a log file as well."""
        self.stdout.write(sentence)
        self.stdout.flush()

    def _check_tables(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            place = preflight.describe_database(connection)
            state = "older than the shop" if executor.loader.applied_migrations else "still empty"
            raise preflight.CannotStartError(
                f"the database {place} is {state}; `make run`, or `manage.py migrate`, mends that"
            )
