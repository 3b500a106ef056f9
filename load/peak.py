"""`make peak`: the orders of a great day, minute after minute, while people look around.

    make peak RATE=120 SECONDS=600 USERS=200

In a stack of its own, through its nginx: so many orders a second come at their times, whether or
not the ones before are answered, beside so many of Locust's Browsers. It exits with 0 only if every
order was placed in time, no browser met an error or a missed threshold (load/thresholds.py), all
that was answered is in the database and nothing else, and afterwards every invariant holds.
"""

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.stack.client import Stack
from load.bench import shots
from load.bench.running import open_shop, own_stack
from load.running import ROOT
from load.transactions import quantiles, transactions_in
from load.window import judged, tell

MOST_P95_MS = 250
MOST_P99_MS = 500

_CREATED = 201
# Of the orders that have their times, so many must find a connection in the seconds there are.
_IN_TIME = 0.99
# At a quarter of a second each, so many orders a second would still find a connection that is free.
_CONNECTIONS = 400
# Locust lets people in for half a minute at most, and takes some seconds to begin and to sum up.
_SECONDS_AROUND = 20
_SECONDS_TO_FINISH = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """How many orders a second, for how long, among how many people who look around."""

    rate: int = 120
    seconds: int = 600
    users: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the orders: what buyers were told and when, and what the database has."""

    sent: int
    statuses: Mapping[int, int]
    p50_ms: float
    p95_ms: float
    p99_ms: float
    written: int
    # For how long half of the transactions were open at most, and 99 of 100, in seconds.
    open_for: Mapping[str, float]

    def faults(self, peak: Peak) -> list[str]:
        """Return what is not as it must be, a line each."""
        wanted = peak.rate * peak.seconds
        found = [
            (f"{self.sent:,} orders were sent of {wanted:,}", self.sent < wanted * _IN_TIME),
            (f"answers: {dict(self.statuses)}", dict(self.statuses) != {_CREATED: self.sent}),
            (f"{self.written:,} orders are there", self.written != self.statuses.get(_CREATED)),
            (f"p95 {self.p95_ms:,.0f} ms, at most {MOST_P95_MS}", self.p95_ms > MOST_P95_MS),
            (f"p99 {self.p99_ms:,.0f} ms, at most {MOST_P99_MS}", self.p99_ms > MOST_P99_MS),
        ]
        return [said for said, is_so in found if is_so]


def hold(peak: Peak, stack: Stack, *, folder: Path, report: Path) -> tuple[Outcome, bool]:
    """Hold it in a stack that is open. Returns what became of the orders, and of the browsers.

    Raises MeasurementError.
    """
    shop = open_shop(stack, folder=folder)
    pairs = shop.buyers(peak.rate * peak.seconds, hot=False)
    requests = [shots.order(shop.host, token=token, cart=cart) for token, cart in pairs]
    before, metrics = shop.count_orders(), shop.metrics()
    with _browsers(peak, stack, report=report) as are_served:
        told = shots.fire(
            requests,
            host=shop.host,
            file=folder / "shots",
            clients=_CONNECTIONS,
            seconds=peak.seconds,
            want=_CREATED,
            rate=peak.rate,
        )
        served = are_served()
    open_for = quantiles(transactions_in(metrics), transactions_in(shop.metrics()))
    written = shop.count_orders() - before
    return _outcome(told, written=written, open_for=open_for), served


@contextlib.contextmanager
def _browsers(peak: Peak, stack: Stack, *, report: Path) -> Iterator[Callable[[], bool]]:
    """Let people look around; what is yielded waits for them, and tells whether all was well.

    Whatever happens meanwhile, they have gone afterwards.
    """
    crowd = ["--url", stack.url, "--users", str(peak.users), "--only", "Browser"]
    long = ["--time", f"{peak.seconds + _SECONDS_AROUND}s", "--report", str(report)]
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "load.running", *crowd, *long], cwd=ROOT
    ) as process:

        def are_served() -> bool:
            try:
                return process.wait(timeout=_SECONDS_AROUND + _SECONDS_TO_FINISH) == 0
            except subprocess.TimeoutExpired:
                return False

        try:
            yield are_served
        finally:
            process.terminate()


def _outcome(told: Mapping[str, Any], *, written: int, open_for: Mapping[str, float]) -> Outcome:
    return Outcome(
        sent=told["sent"],
        statuses={int(status): count for status, count in told["statuses"].items()},
        written=written,
        open_for=open_for,
        **{name: told[name] for name in ("p50_ms", "p95_ms", "p99_ms")},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    peak = _peak(arguments)

    def measure() -> list[str]:
        with own_stack(tell=tell) as (stack, folder):
            outcome, were_served = hold(peak, stack, folder=folder, report=ROOT / "var" / "peak")
            tell(
                f"{outcome.sent:,} orders at {peak.rate}/s among {peak.users} browsers: "
                f"p50 {outcome.p50_ms:,.0f} ms, p95 {outcome.p95_ms:,.0f}, "
                f"p99 {outcome.p99_ms:,.0f}; answers {dict(outcome.statuses)}; "
                f"transactions open, in seconds: {dict(outcome.open_for)}"
            )
        served = [] if were_served else ["the browsers were not served well"]
        return [*outcome.faults(peak), *served]

    return judged("peak", measure)


def _peak(arguments: Sequence[str] | None) -> Peak:
    parser = argparse.ArgumentParser(prog="make peak")
    usual = Peak()
    parser.add_argument("--rate", type=int, default=usual.rate)
    parser.add_argument("--seconds", type=int, default=usual.seconds)
    parser.add_argument("--users", type=int, default=usual.users)
    said = parser.parse_args(arguments)
    return Peak(rate=said.rate, seconds=said.seconds, users=said.users)


if __name__ == "__main__":
    sys.exit(main())
