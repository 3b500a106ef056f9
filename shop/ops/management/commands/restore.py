"""`manage.py restore FILE`: a shop comes back from its backup."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from shop.ops import preflight
from shop.ops.backups import restoring
from shop.ops.backups.problems import BackupError, HalfwayError
from shop.ops.management.commands.backup import summary, tidy_on_sigterm
from shop.ops.shop_command import INTERRUPTED


class Command(BaseCommand):
    """Looks at everything first, and changes nothing where something is wrong."""

    help = (
        "Put the database and the pictures of a backup in place. Close the shop first: what it "
        "has now is replaced."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the command line."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--check", action="store_true", help="see whether the file is whole, and change nothing"
        )
        parser.add_argument(
            "--replace", action="store_true", help="even if there is a shop, which is lost then"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *, file: Path, check: bool, replace: bool, yes: bool, **_options: Any) -> None:
        """Run the command. Raises CommandError when the shop is not what the backup has."""
        try:
            with tidy_on_sigterm():
                self._restore(file, check=check, replace=replace, yes=yes)
        except HalfwayError as error:
            raise CommandError(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
        except BackupError as error:
            raise CommandError(f"Nothing was changed: {error}.") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was changed.", returncode=INTERRUPTED) from None

    def _restore(self, file: Path, *, check: bool, replace: bool, yes: bool) -> None:
        backup = restoring.check(file)
        self._tell("\n".join([f"{file} is whole.", *summary(backup)]))
        if check:
            return
        restoring.check_fits(backup)
        if restoring.target_has_anything():
            self._allow(replace=replace, yes=yes)
        restoring.restore(backup, tell=self._tell)
        self._tell(f"The shop is back, as it was at {backup.about.taken_at}.")

    def _allow(self, *, replace: bool, yes: bool) -> None:
        """Make sure that somebody means to lose what is there."""
        place = preflight.describe_database(connection)
        if not replace:
            raise BackupError(
                f"there is a shop already, in {place} and {settings.MEDIA_ROOT}; "
                "--replace puts the backup in its place"
            )
        if yes:
            return
        if not sys.stdin.isatty():
            raise BackupError("nobody is there to be asked; --yes means that nobody has to be")
        self._tell(f"This replaces the shop in {place} and {settings.MEDIA_ROOT}.")
        if input(f"Type its name, {settings.SHOP_NAME}, to go on: ").strip() != settings.SHOP_NAME:
            raise BackupError("that is not its name")

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
