"""`manage.py replay_orders FILE…`: a month of another shop's sales becomes orders of this one."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from shop.lib.refusals import Refusal
from shop.lib.tables import TableError
from shop.ops import replaying
from shop.ops.online_retail import Invoice, Ledger, read_ledger
from shop.ops.replaying import Tally

MOST_LISTED = 20
INTERRUPTED = 130


class Command(BaseCommand):
    """Reads the files whole before it writes anything, then places invoice after invoice."""

    help = (
        "Read files in the Online Retail format and place every invoice as a completed order, "
        "through the shop's own checkout. Safe to run again, and to stop at any moment."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the command line."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--encoding", default="utf-8", help="of the files (default: utf-8)")

    def handle(self, *, files: Sequence[Path], encoding: str, **_options: Any) -> None:
        """Run the command. Raises CommandError when anything was not placed."""
        try:
            ledger = read_ledger(files, encoding=encoding)
        except TableError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self._refuse_broken(ledger)
        tally = Tally()
        try:
            self._replay(ledger.in_order_of_time(), tally)
        except KeyboardInterrupt:
            raise CommandError(
                f"\nStopped after {tally.orders:,} orders. Nothing is half done: "
                "run the same command again to go on.",
                returncode=INTERRUPTED,
            ) from None
        self._sum_up(ledger, tally)

    def _refuse_broken(self, ledger: Ledger) -> None:
        """Refuse files with unreadable lines: an order placed without them would stay incomplete."""
        if not ledger.broken:
            return
        for path, line in ledger.broken[:MOST_LISTED]:
            self.stderr.write(f"{path.name}, line {line.line_number}: {line.reason}")
        raise CommandError(
            f"{len(ledger.broken):,} lines cannot be read. Nothing was changed: "
            "mend or remove them and run the command again."
        )

    def _replay(self, invoices: Sequence[Invoice], tally: Tally) -> None:
        for sku, refusal in replaying.make_catalogue(invoices):
            self.stderr.write(f"{sku!r} cannot be a product: {refusal}")
        variant_ids = replaying.variant_ids_of(invoices)
        replaying.receive_missing_stock(invoices, variant_ids)
        with tqdm(total=len(invoices), unit=" orders", disable=None) as progress:
            for done in replaying.place_invoices(invoices, variant_ids, tally):
                progress.update(done)

    def _sum_up(self, ledger: Ledger, tally: Tally) -> None:
        self.stdout.write(
            f"orders    {tally.orders:,} "
            f"({tally.placed:,} placed now, {tally.placed_before:,} placed before)\n"
            f"lines     {tally.lines:,}\n"
            f"units     {tally.units:,}\n"
            f"value     {tally.value:,}\n"
            f"rejected  {ledger.rejected:,} lines\n"
            f"skipped   {len(ledger.skipped):,} invoices"
        )
        if tally.refused:
            self._list_refused(tally.refused)

    def _list_refused(self, refused: Sequence[tuple[str, Refusal]]) -> None:
        for number, refusal in refused[:MOST_LISTED]:
            self.stderr.write(f"invoice {number}: {refusal}")
        raise CommandError(f"{len(refused):,} invoices were refused.")
