"""`make rush`: three times as many orders as the shop can place, and then as many as ever.

    make rush SECONDS=120

In a stack of its own, through its nginx. First the shop is measured as fast as it goes; then orders
come at three times that rate, and who is asked to come again does; then it is measured once more,
and once beside a flood of people who look at pages that no cache has. Figures, and no verdict but
one: whatever is answered with 201 is in the database, and every invariant holds.
"""

import argparse
import contextlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from load.bench import shots
from load.bench.figures import MeasurementError
from load.bench.running import open_shop, own_stack
from load.bench.shop import Shop
from load.transactions import quantiles, transactions_in
from load.window import judged, tell

TIMES = 3
CLIENTS = 128
# So many connections wait at most; past 256 of them nginx turns orders away.
CROWD = 1_000
_SECONDS_OF_CAPACITY = 10
_SPARE = 1.4
_FIRST_GUESS = 500
_RESIDENT = re.compile(r'process_resident_bytes\{process="order[^}]*\} (\S+)')
Tell = Callable[[str], None]


def hold(shop: Shop, *, seconds: int, tell: Tell) -> dict[str, Any]:
    """Hold the rush in a shop that is open, and return what became of it."""
    capacity = _capacity(shop, rate=_FIRST_GUESS)["rate"]
    tell(f"As fast as it goes: {capacity:,.0f} orders/s")
    before = shop.metrics()
    orders = _orders(shop, round(capacity * seconds * _SPARE) + CROWD)
    rush = _fire(shop, orders, seconds=seconds, clients=CROWD, rate=capacity * TIMES)
    open_for = quantiles(transactions_in(before), transactions_in(shop.metrics()))
    after = _capacity(shop, rate=capacity)["rate"]
    orders = _orders(shop, _count(capacity))
    with _flood(shop) as looks:
        flooded = _fire(shop, orders, seconds=_SECONDS_OF_CAPACITY)
    return {
        "capacity": capacity,
        "offered": rush["sent"] / seconds,
        "placed": rush["rate"],
        "share": rush["rate"] / capacity,
        "statuses": rush["statuses"],
        "placed_p95_ms": rush["p95_ms"],
        "turned_away_p95_ms": rush["turned_away_p95_ms"],
        "afterwards": after,
        "beside_a_flood": flooded["rate"],
        "beside_a_flood_p95_ms": flooded["p95_ms"],
        "looks": looks.result()["rate"],
        "transaction_seconds": open_for,
        "resident_mb": [round(memory_in(metrics) / 1e6) for metrics in (before, shop.metrics())],
    }


def _capacity(shop: Shop, *, rate: float) -> dict[str, Any]:
    return _fire(shop, _orders(shop, _count(rate)), seconds=_SECONDS_OF_CAPACITY)


def _count(rate: float) -> int:
    """Return how many orders are enough for a measurement, where so many a second are placed."""
    return round(rate * _SECONDS_OF_CAPACITY * _SPARE) + CLIENTS


def _orders(shop: Shop, count: int) -> list[bytes]:
    pairs = shop.buyers(count, hot=False)
    return [shots.order(shop.host, token=token, cart=cart) for token, cart in pairs]


@contextlib.contextmanager
def _flood(shop: Shop) -> Iterator["Future[dict[str, Any]]"]:
    """Let people look at a list that is made anew for each, as fast as they get it."""
    row = "product_list"
    request = shots.get(shop.host, shop.pages[row], shop.headers(row))
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool.submit(
            shots.fire,
            [request] * CLIENTS,
            host=shop.host,
            file=shop.folder / "looks",
            clients=CLIENTS,
            seconds=_SECONDS_OF_CAPACITY,
            want=200,
            again=True,
        )


def _fire(
    shop: Shop,
    orders: Sequence[bytes],
    *,
    seconds: int,
    clients: int = CLIENTS,
    rate: float | None = None,
) -> dict[str, Any]:
    before = shop.count_orders()
    told = shots.fire(
        orders,
        host=shop.host,
        file=shop.folder / "shots",
        clients=clients,
        seconds=seconds,
        want=201,
        insist=True,
        rate=rate,
    )
    written = shop.count_orders() - before
    if written != told["good"]:
        raise MeasurementError(f"{told['good']} orders were answered, {written} are there")
    return told


def memory_in(metrics: str) -> float:
    """Return how much the processes of the order lane hold, in bytes."""
    return sum(float(found) for found in _RESIDENT.findall(metrics))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make rush")
    parser.add_argument("--seconds", type=int, default=120)
    said = parser.parse_args(arguments)

    def measure() -> list[str]:
        with own_stack(tell=tell) as (stack, folder):
            told = hold(open_shop(stack, folder=folder), seconds=said.seconds, tell=tell)
        tell(json.dumps(told, indent=2))
        return []

    return judged("rush", measure)


if __name__ == "__main__":
    sys.exit(main())
