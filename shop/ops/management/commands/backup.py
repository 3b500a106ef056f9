"""`manage.py backup`: the database and the pictures of an open shop in one file."""

import contextlib
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from shop.ops.backups import backing_up
from shop.ops.backups.backing_up import Done
from shop.ops.backups.places import in_words
from shop.ops.backups.problems import BackupError
from shop.ops.shop_command import INTERRUPTED

STREAM = "-"
STOPPED = 128
MOST_LISTED = 20


class Command(BaseCommand):
    """Writes a backup, whole or not at all."""

    help = (
        "Put the database and the pictures into one file, while the shop is open: by default a new "
        "one in DATA_DIR/backups. `manage.py restore` puts it back."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the command line."""
        parser.add_argument(
            "--to",
            metavar="PLACE",
            default=f"{settings.DATA_DIR}/backups/",
            help="a new file, a folder, or - for the standard output (default: %(default)s)",
        )

    def handle(self, *, to: str, **_options: Any) -> None:
        """Run the command. Raises CommandError when there is no backup."""
        try:
            with tidy_on_sigterm():
                if to == STREAM:
                    self._into_stream()
                else:
                    self._to_file(backing_up.path_for(to))
        except BackupError as error:
            raise CommandError(f"There is no backup: {error}.") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped: there is no backup.", returncode=INTERRUPTED) from None

    def _into_stream(self) -> None:
        if sys.stdout.isatty():
            raise CommandError("A backup is nothing to look at: send it into a file or a program.")
        try:
            done = backing_up.back_up_into(sys.stdout.buffer)
        except BrokenPipeError as error:
            raise CommandError("There is no backup: who was to take it has gone.") from error
        except OSError as error:
            raise CommandError(f"There is no backup: {error.strerror or error}.") from error
        self._tell(done, "Backed up.", out=self.stderr)

    def _to_file(self, path: Path) -> None:
        done = backing_up.back_up_to(path)
        self._tell(done, f"{path} ({in_words(path.stat().st_size)})", out=self.stdout)

    def _tell(self, done: Done, what: str, *, out: OutputWrapper) -> None:
        out.write(what)
        for line in summary(done):
            out.write(line)
        missing = done.manifest.missing_pictures
        for name in missing[:MOST_LISTED]:
            self.stderr.write(f"{name} is shown in the shop, but there is no such file.")
        if len(missing) > MOST_LISTED:
            self.stderr.write(f"and {len(missing) - MOST_LISTED:,} more")


def summary(done: Any) -> list[str]:
    """Return lines that say what is in a backup."""
    stock, last = done.manifest.stock, done.manifest.stock.last_order
    least = "" if done.manifest.is_exact else " or more"
    return [
        f"  taken at   {done.about.taken_at}, by NovaShop {done.about.version}",
        f"  database   {done.about.database.kind} {done.about.database.version}",
        f"  orders     {stock.rows.get('orders_order', 0):,}{least}"
        + (f", the last one {last.number} at {last.placed_at}" if last else ""),
        f"  products   {stock.rows.get('catalog_product', 0):,}{least}",
        f"  pictures   {done.manifest.media_files:,} files ({in_words(done.manifest.media_bytes)})",
    ]


@contextlib.contextmanager
def tidy_on_sigterm() -> Iterator[None]:
    """Let `kill` end the block like Ctrl-C does, by the way on which everything is tidied up."""
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(STOPPED + number)
