"""The "Online Retail" format: one line for each line of an invoice, as a real shop sold it.

D. Chen, "Online Retail", UCI Machine Learning Repository, 2015, https://doi.org/10.24432/C5BW33.

Lines are grouped by InvoiceNo. An InvoiceNo that does not consist of digits is a cancellation or an
adjustment: skipped. A line with a quantity of zero or less, a price that rounds to 0.00 or less, or
without a description is rejected. An invoice without lines is no order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from shop.lib.tables import BrokenLine, Row, read_table
from shop.pricing.rules import LARGEST_AMOUNT, round_money

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
# The first is how the data set writes dates, the second how spreadsheets save them again.
_DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M")


class Sale(NamedTuple):
    """One line of an invoice that counts."""

    sku: str
    name: str
    quantity: int
    price: Decimal


@dataclass(slots=True)
class Invoice:
    """One purchase: when, by whom, from where, and what. `sold_at` is the shop's wall clock."""

    number: str
    sold_at: datetime
    customer: str
    country: str
    sales: list[Sale] = field(default_factory=list)

    @property
    def units(self) -> int:
        """Units sold, over all lines."""
        return sum(sale.quantity for sale in self.sales)

    @property
    def value(self) -> Decimal:
        """What was paid for all lines."""
        return sum((sale.price * sale.quantity for sale in self.sales), Decimal(0))


@dataclass(slots=True)
class Ledger:
    """Everything the files say."""

    invoices: dict[str, Invoice] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    rejected: int = 0
    broken: list[tuple[Path, BrokenLine]] = field(default_factory=list)

    def in_order_of_time(self) -> list[Invoice]:
        """Return the invoices, oldest first; those of one minute by their number."""
        return sorted(
            self.invoices.values(), key=lambda invoice: (invoice.sold_at, int(invoice.number))
        )


def read_ledger(paths: Sequence[Path], *, encoding: str = "utf-8") -> Ledger:
    """Read the files, each once, in the order they are given.

    Lines that cannot be understood are collected in `broken`. Raises what `read_table` raises for
    a file that is no table of these columns.
    """
    ledger = Ledger()
    for path in dict.fromkeys(path.resolve() for path in paths):
        for row in read_table(path, required=COLUMNS, encoding=encoding):
            try:
                if isinstance(row, BrokenLine):
                    raise _BrokenError(row.reason)
                _enter(row, ledger)
            except _BrokenError as broken:
                ledger.broken.append((path, BrokenLine(row.line_number, str(broken))))
    return ledger


class _BrokenError(Exception):
    """A line that cannot be understood."""


def _enter(row: Row, ledger: Ledger) -> None:
    number, sku, name, quantity, sold_at, price, customer, country = _texts(row)
    if not (number.isascii() and number.isdigit()):
        ledger.skipped.add(number)
        return
    units = _whole_number(quantity)
    rounded = _price(price)
    if units <= 0 or rounded <= 0 or not name or not sku:
        ledger.rejected += 1
        return
    invoice = ledger.invoices.get(number)
    if invoice is None:
        invoice = Invoice(number, _moment(sold_at), customer, country)
        ledger.invoices[number] = invoice
    invoice.sales.append(Sale(sku, name, units, rounded))


def _texts(row: Row) -> Iterable[str]:
    return (row.values[column].strip() for column in COLUMNS)


def _whole_number(text: str) -> int:
    try:
        number = Decimal(text)
        if number == number.to_integral_value():
            return int(number)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise _BrokenError(f"the quantity {text!r} is no whole number")


def _price(text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise _BrokenError(f"the price {text!r} is no number") from None
    if not price.is_finite() or abs(price) > LARGEST_AMOUNT:
        raise _BrokenError(f"the price {text!r} is none that anybody pays")
    return round_money(price)


def _moment(text: str) -> datetime:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  (the file knows no time zone)
        except ValueError:
            continue
    raise _BrokenError(f"the date {text!r} is not written like 2010-12-01 08:26:00")
