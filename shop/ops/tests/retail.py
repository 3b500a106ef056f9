"""Sales in the Online Retail format for tests, made up, and the command that replays them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.core.management import CommandError, call_command

from shop.events.models import Schedule
from shop.inventory.models import StockLevel, StockMovement
from shop.orders.models import Order, OrderLine

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
FIRST_INVOICE = 1001


def line(
    invoice: object = FIRST_INVOICE,
    sku: str = "MUG",
    name: str = "Mug",
    quantity: object = 1,
    at: str = "2010-12-01 08:26:00",
    price: object = "2.50",
    customer: str = "17850.0",
    country: str = "United Kingdom",
) -> str:
    """Return one line of a file."""
    return f"{invoice},{sku},{name},{quantity},{at},{price},{customer},{country}"


def write(path: Path, lines: Iterable[str], *, header: str = HEADER) -> Path:
    """Write a file of these lines; return its path."""
    path.write_text("".join(f"{text}\n" for text in (header, *lines)), encoding="utf-8")
    return path


class Result(NamedTuple):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


def replay(*files: Path) -> Result:
    """Run `replay_orders` in this process."""
    out, err = StringIO(), StringIO()
    try:
        call_command("replay_orders", *map(str, files), stdout=out, stderr=err)
    except CommandError as error:
        return Result(error.returncode, out.getvalue(), f"{err.getvalue()}{error}\n")
    return Result(0, out.getvalue(), err.getvalue())


class Month:
    """So many invoices of a few lines each: what is written, and what has to come of it.

    Every invoice sells other things, and the same thing twice; all of them together so many SKUs.
    """

    def __init__(self, invoices: int, *, lines: int = 3, skus: int = 7) -> None:
        self.skus = [f"SKU{number}" for number in range(skus)]
        self.numbers = range(FIRST_INVOICE, FIRST_INVOICE + invoices)
        self.sales = [
            (number, self.skus[(number + place // 2) % skus], 1 + (number + place) % 5, place)
            for number in self.numbers
            for place in range(lines)
        ]

    def write(self, path: Path) -> Path:
        """Write it, an invoice a minute; return the path."""
        return write(
            path,
            [
                line(number, sku, sku.title(), quantity, self._time(number), self._price(place))
                for number, sku, quantity, place in self.sales
            ],
        )

    @property
    def units(self) -> int:
        """Units sold."""
        return sum(quantity for _, _, quantity, _ in self.sales)

    def summary(self, *, now: int, before: int = 0) -> str:
        """Return what the command says of it when it is through."""
        value = sum(quantity * self._price(place) for _, _, quantity, place in self.sales)
        return summary(
            now=now, before=before, lines=len(self.sales), units=self.units, value=f"{value:,}"
        )

    def must_have_come(self) -> None:
        """Check that every invoice is one order, and that its stock came in and went out."""
        self.must_be_orders()
        assert set(StockLevel.objects.values_list("on_hand", "promised")) == {(0, 0)}
        assert len(movements("received")) == len({sku for _, sku, _, _ in self.sales})
        assert sum(movements("received")) == self.units

    def must_be_orders(self) -> None:
        """Check that every invoice is one order, paid, shipped and completed."""
        origins = [f"online-retail:{number}" for number in self.numbers]
        assert list(Order.objects.order_by("placed_at").values_list("origin", flat=True)) == origins
        assert set(Order.objects.values_list("status", "payment_state", "fulfilment_state")) == {
            ("Completed", "Paid", "Shipped")
        }
        lines = OrderLine.objects.order_by("order__placed_at", "position")
        assert list(lines.values_list("order__origin", "sku", "quantity", "unit_price")) == [
            (f"online-retail:{number}", sku, quantity, self._price(place))
            for number, sku, quantity, place in self.sales
        ]
        assert sorted(movements("shipped")) == sorted(-sale[2] for sale in self.sales)

    @staticmethod
    def _time(number: int) -> str:
        hour, minute = divmod(number - FIRST_INVOICE, 60)
        return f"2010-12-01 {hour:02}:{minute:02}:00"

    @staticmethod
    def _price(place: int) -> Decimal:
        return Decimal(199 + place) / 100


def summary(
    *,
    now: int,
    lines: int,
    units: int,
    value: str,
    before: int = 0,
    rejected: int = 0,
    skipped: int = 0,
) -> str:
    """Return the command's last words."""
    return (
        f"orders    {now + before:,} ({now:,} placed now, {before:,} placed before)\n"
        f"lines     {lines:,}\n"
        f"units     {units:,}\n"
        f"value     {value}\n"
        f"rejected  {rejected:,} lines\n"
        f"skipped   {skipped:,} invoices\n"
    )


def movements(reason: str) -> list[int]:
    """Return the units of all movements for this reason, in their order."""
    found = StockMovement.objects.filter(reason=reason).order_by("id")
    return list(found.values_list("quantity", flat=True))


def everything() -> dict[str, Sequence[Any]]:
    """Return every row of the database, ids included, but for the schedule."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model is not Schedule
    }
