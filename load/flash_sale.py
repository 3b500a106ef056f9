"""`make flash-sale`: far more buyers than units, all at once, and exactly the units are sold.

    make flash-sale RUNS=20 DB=mysql

In a stack of its own, through its nginx, with carts made beforehand: each buyer sends one order, so
many of them at a time. It exits with 0 only if in each run exactly the units were ordered,
everybody else was refused for want of stock and for nothing else, and afterwards every invariant
holds.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.stack.client import Stack
from load.bench import shots
from load.bench.running import own_stack
from load.bench.shop import inside
from load.window import judged, tell

_CREATED, _CONFLICT = 201, 409
# Of one sale: it is no question of speed whether the right ones get something.
_MOST_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """How many come, for how many units, and how many of them at a time."""

    units: int = 1_000
    buyers: int = 5_000
    at_once: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a sale: what buyers were told, and what the database has."""

    statuses: Mapping[int, int]
    codes: Mapping[str, int]
    unanswered: int
    seconds: float
    p99_ms: float
    orders: int
    on_hand: int
    promised: int

    def faults(self, sale: Sale) -> list[str]:
        """Return what is not as it must be, a line each."""
        refused = sale.buyers - sale.units
        found = {
            "answers": (dict(self.statuses), {_CREATED: sale.units, _CONFLICT: refused}),
            "refusals": (dict(self.codes), {"not_enough_stock": refused}),
            "unanswered": (self.unanswered, 0),
            "orders": (self.orders, sale.units),
            "on hand": (self.on_hand, sale.units),
            "promised": (self.promised, sale.units),
        }
        return [
            f"{name}: {is_} instead of {must}" for name, (is_, must) in found.items() if is_ != must
        ]


def hold(sale: Sale, stack: Stack, *, folder: Path) -> Outcome:
    """Hold one sale in a stack that is open, and say what became of it. Raises MeasurementError."""
    file, environment = folder / "buyers", stack.environment
    size = ["--count", str(sale.buyers), "--units", str(sale.units)]
    variant = json.loads(inside(environment, "flash-sale", str(file), *size))["variant"]
    host = f"127.0.0.1:{urlsplit(stack.url).port or 80}"
    told = shots.fire(
        [shots.order(host, token=token, cart=cart) for token, cart in shots.buyers_in(file)],
        host=host,
        file=folder / "shots",
        clients=sale.at_once,
        seconds=_MOST_SECONDS,
        want=_CREATED,
    )
    return _outcome(told, json.loads(inside(environment, "sold", str(variant))))


def _outcome(told: Mapping[str, Any], sold: Mapping[str, int]) -> Outcome:
    statuses = {int(status): count for status, count in told["statuses"].items()}
    return Outcome(
        statuses=statuses,
        codes=told["codes"],
        unanswered=told["sent"] - sum(statuses.values()),
        seconds=told["took"],
        p99_ms=told["p99_ms"],
        **sold,
    )


def hold_in_a_row(
    sale: Sale, stack: Stack, *, runs: int, folder: Path, tell: Callable[[str], None]
) -> list[str]:
    """Hold so many sales, one after the other; return all faults, with the number of the run."""
    faults: list[str] = []
    for number in range(1, runs + 1):
        outcome = hold(sale, stack, folder=folder)
        tell(
            f"{number}/{runs}  {outcome.orders:,} orders of {sale.units:,}, "
            f"{outcome.statuses.get(_CONFLICT, 0):,} refusals in {outcome.seconds:.1f} s "
            f"(p99 of orders {outcome.p99_ms:,.0f} ms)"
        )
        faults += [f"{number}/{runs}  {fault}" for fault in outcome.faults(sale)]
    return faults


def main(arguments: Sequence[str] | None = None) -> int:
    said = _arguments(arguments)
    sale = Sale(units=said.units, buyers=said.buyers, at_once=said.at_once)

    def measure() -> list[str]:
        with own_stack(database=said.database, tell=tell) as (stack, folder):
            return hold_in_a_row(sale, stack, runs=said.runs, folder=folder, tell=tell)

    return judged("flash sale", measure)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make flash-sale")
    usual = Sale()
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--units", type=int, default=usual.units)
    parser.add_argument("--buyers", type=int, default=usual.buyers)
    parser.add_argument("--at-once", type=int, default=usual.at_once)
    parser.add_argument("--database", choices=["postgresql", "mysql"], default="postgresql")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
