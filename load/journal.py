"""What people were promised, line by line in a file, so that it can be held against the database.

Written while they shop: what the file says is true even if the load generator dies.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An order that the shop said it has taken: its total, and the units of each variant."""

    order_id: int
    total: str
    units: dict[int, int]
    number: str = ""


@dataclass
class Record:
    """All that a journal says."""

    flash_variants: tuple[int, ...] = ()
    flash_stock: int = 0
    orders: dict[int, Acknowledged] = field(default_factory=dict)
    canceled: set[int] = field(default_factory=set)
    contradictions: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    generator_was_busy: bool = False

    @property
    def flash_units(self) -> int:
        """How many units of the flash product were acknowledged, and not called off again."""
        return sum(
            order.units.get(variant, 0)
            for order in self.orders.values()
            if order.order_id not in self.canceled
            for variant in self.flash_variants
        )


class Journal:
    """Where the load generator writes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, *, flash_variants: Iterable[int], flash_stock: int) -> None:
        """Start anew."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text("", encoding="utf-8")
        self._write("begin", flash_variants=list(flash_variants), flash_stock=flash_stock)

    def acknowledged(self, order: Acknowledged) -> None:
        self._write("order", **asdict(order))

    def canceled(self, order_id: int) -> None:
        self._write("canceled", order_id=order_id)

    def trouble(self, text: str) -> None:
        """Note what went wrong in the load generator itself."""
        self._write("trouble", text=text)

    def end(self, *, generator_was_busy: bool) -> None:
        self._write("end", generator_was_busy=generator_was_busy)

    def _write(self, kind: str, **facts: Any) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, **facts}) + "\n")


def read(path: Path) -> Record:
    """Return all that a journal says. Raises FileNotFoundError."""
    record = Record()
    for line in path.read_text(encoding="utf-8").splitlines():
        facts = json.loads(line)
        _add(record, facts.pop("kind"), facts)
    return record


def _add(record: Record, kind: str, facts: dict[str, Any]) -> None:
    if kind == "begin":
        record.flash_variants = tuple(facts["flash_variants"])
        record.flash_stock = facts["flash_stock"]
    elif kind == "order":
        units = {int(variant): quantity for variant, quantity in facts.pop("units").items()}
        _acknowledge(record, Acknowledged(units=units, **facts))
    elif kind == "canceled":
        record.canceled.add(facts["order_id"])
    elif kind == "trouble":
        record.troubles.append(facts["text"])
    elif kind == "end":
        record.generator_was_busy = facts["generator_was_busy"]


def _acknowledge(record: Record, order: Acknowledged) -> None:
    """Keep the order; one that was promised to two buyers is a contradiction."""
    if order.order_id in record.orders:
        record.contradictions.append(f"order {order.order_id} was acknowledged to two buyers")
    record.orders[order.order_id] = order
