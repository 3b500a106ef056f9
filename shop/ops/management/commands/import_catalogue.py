"""`manage.py import_catalogue FILE…`: products, prices and stock from CSV files."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError
from tqdm import tqdm

from shop.inventory import actions as inventory
from shop.inventory.errors import UnknownLocation
from shop.lib.refusals import Busy
from shop.lib.tables import TableError
from shop.ops.catalogue_file import CatalogueReader, check_file
from shop.ops.importing import Tally, import_lines
from shop.ops.shop_command import INTERRUPTED, ShopCommand

DEFAULT_LOCATION = "main"


class Command(ShopCommand):
    """Checks every file as a whole before it writes anything, then imports line after line."""

    help = (
        "Read products from CSV files (docs/catalogue-csv.md). New SKUs are added, known ones "
        "changed; bad lines are listed and the others imported. Safe to run again, and to stop."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the command line."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--location",
            metavar="CODE",
            help=f"where the column `stock` was counted (default: {DEFAULT_LOCATION})",
        )
        parser.add_argument("--encoding", default="utf-8", help="of the files (default: utf-8)")

    def handle(
        self, *, files: Sequence[Path], location: str | None, encoding: str, **_options: Any
    ) -> None:
        """Run the command. Raises CommandError when anything was not imported."""
        tally = Tally()
        try:
            self._run(files, tally, encoding=encoding, location=location)
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What was imported stays: run the same command again to go on.",
                returncode=INTERRUPTED,
            ) from None
        except Busy as error:
            raise CommandError(
                "Stopped: others kept the database busy. Run the same command again to go on."
            ) from error
        except (DatabaseError, TableError) as error:
            raise CommandError(
                f"Stopped: {error} What was imported stays: run the same command again to go on."
            ) from error
        if tally.bad:
            raise CommandError(f"{_lines(tally.bad)} bad. The other lines were imported.")

    def _run(
        self, files: Sequence[Path], tally: Tally, *, encoding: str, location: str | None
    ) -> None:
        # A file named twice is read once.
        paths = list({path.resolve(): path for path in files}.values())
        total = self._check(paths, encoding=encoding)
        code = _location_code(location)
        reader = CatalogueReader(encoding=encoding)
        try:
            with tqdm(total=total, unit=" lines", disable=None) as progress:
                for path in paths:
                    lines = reader.lines(path)
                    for done in import_lines(lines, tally, location_code=code):
                        progress.update(done)
        finally:
            self._sum_up(tally)

    def _check(self, paths: Sequence[Path], *, encoding: str) -> int:
        """Read the files once; return how many lines they have."""
        total = 0
        for path in paths:
            try:
                facts = check_file(path, encoding=encoding)
            except TableError as error:
                raise CommandError(f"{error} Nothing was changed.") from error
            total += facts.records
            if facts.unknown_columns:
                names = ", ".join(name or "(no name)" for name in facts.unknown_columns)
                self.stderr.write(f"{path}: columns that are not known are ignored: {names}.")
        return total

    def _sum_up(self, tally: Tally) -> None:
        self.stdout.write(
            f"{tally.created:,} created, {tally.updated:,} updated, "
            f"{tally.unchanged:,} unchanged; stock changed for {tally.stocked:,}; "
            f"{_lines(tally.bad)} bad"
        )
        for line in tally.listed:
            self.stderr.write(f"{line.path}, line {line.line_number}: {line.reason}")
        if tally.bad > len(tally.listed):
            self.stderr.write(f"and {_lines(tally.bad - len(tally.listed))} more")


def _location_code(code: str | None) -> str:
    """Return the code of the location to count at, opening the first one of a new shop."""
    if code is None:
        inventory.add_location(code=DEFAULT_LOCATION, name="Main warehouse")
        return DEFAULT_LOCATION
    try:
        # To count nothing fails where there is no such location.
        inventory.count(counts={}, location_code=code, reference="")
    except UnknownLocation as error:
        raise CommandError(f"There is no stock location {code!r}. Nothing was changed.") from error
    return code


def _lines(count: int) -> str:
    return f"{count:,} line" if count == 1 else f"{count:,} lines"
