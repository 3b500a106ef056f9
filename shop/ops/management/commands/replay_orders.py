"""`manage.py replay_orders FILE…`: a month of another shop's sales becomes orders of this one."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import Error as AnyDatabaseError
from tqdm import tqdm

from shop.checkout.errors import InvalidLine, OrderTooLarge
from shop.inventory.errors import NotEnoughStock
from shop.lib.refusals import Away, Busy, Refusal
from shop.lib.tables import TableError
from shop.ops import replaying
from shop.ops.catalogue_wording import reason_of
from shop.ops.online_retail import Invoice, Ledger, read_ledger
from shop.ops.replaying import Tally
from shop.ops.shop_command import INTERRUPTED, ShopCommand

MOST_LISTED = 20


class Command(ShopCommand):
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
        tally = Tally()
        try:
            ledger = self._read(files, encoding)
            self._replay(ledger.in_order_of_time(), tally)
        except KeyboardInterrupt:
            raise CommandError(_stopped(tally), returncode=INTERRUPTED) from None
        except Busy as error:
            raise CommandError(f"Others keep the database busy. {_stopped(tally)}") from error
        except AnyDatabaseError as error:
            raise CommandError(f"The database failed: {error}. {_stopped(tally)}") from error
        self._sum_up(ledger, tally)

    def _read(self, files: Sequence[Path], encoding: str) -> Ledger:
        try:
            ledger = read_ledger(files, encoding=encoding)
        except TableError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self._refuse_broken(ledger)
        return ledger

    def _refuse_broken(self, ledger: Ledger) -> None:
        """Refuse files with unreadable lines: an order without one would stay incomplete."""
        if not ledger.broken:
            return
        for path, line in ledger.broken[:MOST_LISTED]:
            self.stderr.write(f"{path}, line {line.line_number}: {line.reason}.")
        if len(ledger.broken) > MOST_LISTED:
            self.stderr.write(f"and {len(ledger.broken) - MOST_LISTED:,} more")
        raise CommandError(
            f"{_lines(len(ledger.broken))} cannot be read. Nothing was changed: "
            "mend them, or take them out, and run the command again."
        )

    def _replay(self, invoices: Sequence[Invoice], tally: Tally) -> None:
        for sku, refusal in replaying.make_catalogue(invoices):
            self.stderr.write(f"{sku!r} cannot be a product: {reason_of(refusal)}.")
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

    def _list_refused(self, refused: Sequence[tuple[Invoice, Refusal]]) -> None:
        for invoice, refusal in refused[:MOST_LISTED]:
            self.stderr.write(f"invoice {invoice.number}: {_reason(invoice, refusal)}.")
        if len(refused) > MOST_LISTED:
            self.stderr.write(f"and {len(refused) - MOST_LISTED:,} more")
        raise CommandError(f"{_invoices(len(refused))} refused. The others are orders.")


def _reason(invoice: Invoice, refusal: Refusal) -> str:
    match refusal:
        case InvalidLine(position=position):
            sale = invoice.sales[position - 1]
            return f"{sale.quantity:,} of {sale.sku!r} at {sale.price:,} cannot be sold"
        case OrderTooLarge(total=total):
            return f"it comes to {total:,}, more than the shop can write down"
        case NotEnoughStock(sku=sku):
            return f"others bought the {sku!r} that was received for it; run the command again"
        case Busy():
            return "others kept the database busy; run the command again"
        case Away():
            return "the database went away; run the command again"
    return f"the shop refused it ({refusal.code})"


def _stopped(tally: Tally) -> str:
    return (
        f"Stopped after {tally.orders:,} orders. Run the same command again to go on: "
        "nothing is lost, and nothing will be there twice."
    )


def _invoices(count: int) -> str:
    return "1 invoice was" if count == 1 else f"{count:,} invoices were"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
