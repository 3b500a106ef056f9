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
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import NamedTuple

from shop.inventory.rules import LARGEST_STOCK
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
# The data set writes 2010-12-01 08:26:00; this is how spreadsheets save that again.
_SPREADSHEET_DATE = "%m/%d/%Y %H:%M"
# Whatever is longer than any order can remember, or more than any shop can have, is a slip.
_LONGEST_TEXT = 80
_LONGEST_SHOWN = 40


class Sale(NamedTuple):
    """One line of an invoice that counts."""

    sku: str
    name: str
    quantity: int
    price: Decimal


@dataclass(slots=True)
class Invoice:
    """One purchase: when, by whom, from where, and what.

    `sold_at` is the shop's wall clock, the earliest of its lines.
    """

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
    invoice = _invoice(number, _moment(sold_at), customer, country, ledger.invoices)
    # A shop sells the same few thousand things all year: every text is kept once.
    invoice.sales.append(Sale(intern(sku), intern(name), units, rounded))


def _invoice(
    number: str, sold_at: datetime, customer: str, country: str, invoices: dict[str, Invoice]
) -> Invoice:
    """Return the invoice of that number, which its first line has made."""
    invoice = invoices.get(number)
    if invoice is None:
        for what, text in (("InvoiceNo", number), ("CustomerID", customer), ("Country", country)):
            if len(text) > _LONGEST_TEXT:
                raise _BrokenError(f"the {what} is longer than {_LONGEST_TEXT} letters")
        invoice = invoices[number] = Invoice(number, sold_at, customer, country)
    invoice.sold_at = min(invoice.sold_at, sold_at)
    return invoice


def _texts(row: Row) -> Iterable[str]:
    return (row.values[column].strip() for column in COLUMNS)


def _whole_number(text: str) -> int:
    number = _number(text, "quantity")
    if not -LARGEST_STOCK <= number <= LARGEST_STOCK:
        raise _BrokenError(f"the quantity {_shortened(text)} is none that anybody buys")
    if number != number.to_integral_value():
        raise _BrokenError(f"the quantity {_shortened(text)} is no whole number")
    return int(number)


@lru_cache(maxsize=4096)
def _price(text: str) -> Decimal:
    price = _number(text, "price")
    if not -LARGEST_AMOUNT <= price <= LARGEST_AMOUNT:
        raise _BrokenError(f"the price {_shortened(text)} is none that anybody pays")
    return round_money(price)


def _number(text: str, what: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _BrokenError(f"the {what} {_shortened(text)} is no number")
    return number


def _moment(text: str) -> datetime:
    moment = _iso_moment(text) or _spreadsheet_moment(text)
    if moment is None or moment.tzinfo is not None:
        raise _BrokenError(f"the date {_shortened(text)} is not written like 2010-12-01 08:26:00")
    return moment


def _iso_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _spreadsheet_moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _SPREADSHEET_DATE)  # noqa: DTZ007  (it knows no time zone)
    except ValueError:
        return None


def _shortened(text: str) -> str:
    return repr(text) if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]!r}…"
