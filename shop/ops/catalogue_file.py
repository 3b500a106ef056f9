"""The catalogue as a CSV file, line by line: docs/catalogue-csv.md describes it for merchants."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from shop.catalog.rules import LEAVE, Leave, ProductRow, check_row
from shop.inventory.rules import LARGEST_STOCK
from shop.lib.refusals import Refusal
from shop.lib.tables import BrokenLine, Row, TableFacts, check_table, read_table
from shop.ops.catalogue_wording import reason_of

REQUIRED: Final = ("sku", "name", "price")
OPTIONAL: Final = (
    "product",
    "category",
    "description",
    "regular_price",
    "options",
    "stock",
    "published",
)
_YES_AND_NO: Final = {
    "yes": True,
    "true": True,
    "1": True,
    "no": False,
    "false": False,
    "0": False,
}
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")
_WHOLE_NUMBER = re.compile(r"[0-9]+(\.0+)?")
_LONGEST_NUMBER = 40
_LONGEST_QUOTATION = 40


class Line(NamedTuple):
    """A line that can be imported: a product, and how many units lie at the location."""

    path: Path
    line_number: int
    row: ProductRow
    stock: int | None


class BadLine(NamedTuple):
    """A line that cannot be imported, and why."""

    path: Path
    line_number: int
    reason: str


def check_file(path: Path, *, encoding: str) -> TableFacts:
    """Read the file once and tell what is in it. Raises TableError."""
    return check_table(path, required=REQUIRED, optional=OPTIONAL, encoding=encoding)


class CatalogueReader:
    """Reads the files of one import: a SKU counts once, a product's first line speaks for it.

    Keeps in memory the SKUs (and, for files with a column `product`, the products' names) it has
    met, and nothing else.
    """

    def __init__(self, *, encoding: str) -> None:
        self._encoding = encoding
        self._line_numbers: dict[Path, dict[str, int]] = {}
        self._names: dict[str, str] = {}

    def lines(self, path: Path) -> Iterator[Line | BadLine]:
        """Yield the lines of a file, good and bad. Raises TableError."""
        self._line_numbers[path] = {}
        for row in read_table(path, required=REQUIRED, optional=OPTIONAL, encoding=self._encoding):
            try:
                yield self._line(path, row)
            except _UnreadableError as error:
                yield BadLine(path, row.line_number, str(error))
            except Refusal as refusal:
                yield BadLine(path, row.line_number, reason_of(refusal))

    def _line(self, path: Path, row: Row | BrokenLine) -> Line:
        if isinstance(row, BrokenLine):
            raise _UnreadableError(row.reason)
        product, stock = _product_row(row.values), _stock(row.values)
        check_row(product)
        self._check_first(path, row.line_number, product.sku)
        if "product" in row.values:
            product = self._under_first_name(product)
        return Line(path, row.line_number, product, stock)

    def _check_first(self, path: Path, line_number: int, sku: str) -> None:
        for earlier, line_numbers in self._line_numbers.items():
            if (first := line_numbers.get(sku)) is not None:
                where = f"line {first}" + ("" if earlier == path else f" of {earlier}")
                raise _UnreadableError(f"the sku {_quoted(sku)} is that of {where}")
        self._line_numbers[path][sku] = line_number

    def _under_first_name(self, row: ProductRow) -> ProductRow:
        """Have a product's first line speak for it: wherever files are cut, a rerun agrees."""
        name = self._names.setdefault(row.product or row.sku, row.name)
        if name is row.name:
            return row
        return replace(row, name=name, category=None, description=None)


class _UnreadableError(Exception):
    """A cell says nothing that a product can be; the message says what is wrong."""


def _product_row(values: dict[str, str]) -> ProductRow:
    return ProductRow(
        sku=values["sku"].strip(),
        name=" ".join(values["name"].split()),
        price=_amount(values["price"], "price"),
        product=values.get("product", "").strip() or None,
        category=_category(values.get("category", "")),
        description=values.get("description", "").strip() or None,
        regular_price=_regular_price(values),
        options=_options(values["options"]) if "options" in values else None,
        is_published=_published(values.get("published", "")),
    )


def _amount(cell: str, column: str) -> Decimal:
    text = cell.strip()
    if _AMOUNT.fullmatch(text) and len(text) <= _LONGEST_NUMBER:
        return Decimal(text)
    if not text:
        raise _UnreadableError(f"the {column} is empty")
    if _AMOUNT.fullmatch(text.removeprefix("-")):
        why = "is negative" if text.startswith("-") else "has too many digits"
        raise _UnreadableError(f"the {column} {_quoted(text)} {why}")
    if "," in text:
        # Where some write 1,250 for a thousand and more, others mean one and a quarter.
        raise _UnreadableError(
            f"the {column} {_quoted(text)} has a comma: write 1250.00 without one"
        )
    raise _UnreadableError(f"the {column} {_quoted(text)} is no number like 12.50")


def _regular_price(values: dict[str, str]) -> Decimal | Leave | None:
    if "regular_price" not in values:
        return LEAVE
    cell = values["regular_price"]
    return _amount(cell, "regular price") if cell.strip() else None


def _category(cell: str) -> tuple[str, ...] | None:
    if not cell.strip():
        return None
    path = tuple(" ".join(name.split()) for name in cell.split(">"))
    if not all(path):
        raise _UnreadableError(f"the category {_quoted(cell)} is not written like Home > Kitchen")
    return path


def _options(cell: str) -> tuple[tuple[str, str], ...]:
    return tuple(_option(part) for part in cell.split(";") if part.strip())


def _option(part: str) -> tuple[str, str]:
    option, equals, value = part.partition("=")
    pair = (" ".join(option.split()), " ".join(value.split()))
    if not (equals and all(pair)):
        raise _UnreadableError(f"the option {_quoted(part)} is not written like colour=Red")
    return pair


def _stock(values: dict[str, str]) -> int | None:
    text = values.get("stock", "").strip()
    if not text:
        return None
    if text.startswith("-") and _WHOLE_NUMBER.fullmatch(text[1:]):
        raise _UnreadableError(f"the stock {_quoted(text)} is negative")
    if not _WHOLE_NUMBER.fullmatch(text):
        raise _UnreadableError(f"the stock {_quoted(text)} is no whole number like 12")
    # Python refuses to read numbers of thousands of digits.
    units = int(text.partition(".")[0]) if len(text) <= _LONGEST_NUMBER else LARGEST_STOCK + 1
    if units > LARGEST_STOCK:
        raise _UnreadableError(f"the stock {_quoted(text)} is above {LARGEST_STOCK:,}")
    return units


def _published(cell: str) -> bool | None:
    text = cell.strip().casefold()
    if not text:
        return None
    if text not in _YES_AND_NO:
        raise _UnreadableError(f"published is {_quoted(cell)}; it can be {', '.join(_YES_AND_NO)}")
    return _YES_AND_NO[text]


def _quoted(text: str) -> str:
    """Return the text as a cell of a message: short, and with nothing invisible in it."""
    shown = text.strip()
    return repr(shown if len(shown) <= _LONGEST_QUOTATION else f"{shown[:_LONGEST_QUOTATION]}…")
