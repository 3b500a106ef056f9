"""NovaShop as it is measured: through its nginx, with people and carts made for it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from load.bench import shots, wrk
from load.bench.figures import Figure, MeasurementError, percentile
from load.bench.pgbench import Server
from load.bench.processes import get

# For finding out how many carts a run will need.
_FIRST_BUYERS = 500
_FIRST_RATE = 1_000.0
# Until all processes have started.
_SECONDS_TO_BEGIN = 6.0
# A faster run than the last one must not run out of carts.
_SPARE = 1.6
# Rows that may be answered out of a cache.
OUT_OF_CACHES = ("product_page", "browser_mix")
_MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard and how long is asked, after how long a warm-up (0: none)."""

    clients: int
    seconds: int
    warm_up: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A stack that is open, and what is in it."""

    port: int
    environment: Mapping[str, str]
    database: Server
    folder: Path
    facts: Mapping[str, Any] = field(default_factory=dict)

    def knowing(self, facts: Mapping[str, Any]) -> "Shop":
        """Return the same shop with what is in it."""
        return replace(self, facts=facts)

    @property
    def host(self) -> str:
        """What requests call it."""
        return f"127.0.0.1:{self.port}"

    @property
    def pages(self) -> dict[str, str]:
        """The path behind each row that is a GET."""
        product = self.facts["product"]
        page = f"/products/{product}/"
        return {
            "product_page": page,
            "product_page_uncached": page,
            "product_list": "/products/",
            "search": f"/search/?{urlencode({'q': self.facts['search']})}",
            "api_product": f"/api/products/{product}/",
            "api_list": "/api/products/",
        }

    def headers(self, row: str) -> Mapping[str, str]:
        """What a row's requests say besides: to a token, no answer is given that was kept.

        Lists are put together of parts that are kept, whoever asks.
        """
        return {} if row in OUT_OF_CACHES else {"Authorization": "none"}

    def body(self, path: str) -> bytes:
        """Return what is at a path. Raises MeasurementError where that is not an answer."""
        status, body = get(self.port, path)
        if status != 200:
            raise MeasurementError(f"GET {path}: {status}")
        return body

    def metrics(self) -> str:
        """Return what all processes have counted so far. Raises MeasurementError."""
        return self.body("/metrics").decode()

    def count_orders(self) -> int:
        """Return how many orders the database has."""
        with self.database.connect() as connection:
            row = connection.execute("SELECT count(*) FROM orders_order").fetchone()
        return int(str(row[0])) if row else 0

    def begin(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """Begin to run Python in the shop's environment, with some settings of its own."""
        return subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments],
            cwd=_MANAGE.parent,
            env={**os.environ, **self.environment, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def inside(self, *arguments: str) -> str:
        """Run `load.bench.inside` in the shop's environment, and return what it writes."""
        return inside(self.environment, *arguments)

    def buyers(self, count: int, *, hot: bool) -> list[tuple[str, str]]:
        """Make so many people with a full cart, of one product (`hot`) or of all in turn."""
        file = self.folder / "buyers"
        options = ["--count", str(count), *(["--hot"] if hot else [])]
        self.inside("buyers", str(file), *options)
        return shots.buyers_in(file)

    def audit(self) -> str:
        """Check the invariants. Raises MeasurementError with what is wrong."""
        return audit(self.environment)


def inside(environment: Mapping[str, str], *arguments: str) -> str:
    """Run `load.bench.inside` in a shop's environment, and return what it writes.

    Raises MeasurementError.
    """
    return run(environment, "-m", "load.bench.inside", *arguments)


def audit(environment: Mapping[str, str]) -> str:
    """Check a shop's invariants. Raises MeasurementError with what is wrong."""
    return run(environment, str(_MANAGE), "audit").strip()


def run(environment: Mapping[str, str], *arguments: str) -> str:
    """Run Python in a shop's environment, and return what it writes. Raises MeasurementError."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=_MANAGE.parent,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = f"{done.stdout[-1_000:]}\n{done.stderr[-1_000:]}".strip()
        raise MeasurementError(f"{' '.join(arguments)}: {said}")
    return done.stdout


def page(
    port: int,
    path: str,
    *,
    effort: Effort,
    folder: Path,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Figure:
    """Measure a GET: by wrk, or by our own client where wrk is missing."""
    status, body = get(port, path, headers)
    if status not in {200, 204}:
        raise MeasurementError(f"GET {path}: {status}")
    host = f"127.0.0.1:{port}"
    ours = Again(
        [shots.get(host, path, headers)] * effort.clients, host=host, want=status, folder=folder
    )
    # By our own client, which looks at every status; wrk would not mind being sent elsewhere.
    if effort.warm_up:
        ours.fire(clients=effort.clients, seconds=effort.warm_up)
    if wrk.program() is None:
        return ours.fire(clients=effort.clients, seconds=effort.seconds)
    return wrk.measure(
        f"http://{host}{path}",
        clients=effort.clients,
        seconds=effort.seconds,
        least_bytes=len(body),
        headers=headers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The same requests, sent over and over."""

    requests: Sequence[bytes] = field(kw_only=False)
    host: str
    want: int
    folder: Path

    def fire(self, *, clients: int, seconds: int) -> Figure:
        return shots.figure(
            shots.fire(
                self.requests,
                host=self.host,
                file=self.folder / "shots",
                clients=clients,
                seconds=seconds,
                want=self.want,
                again=True,
            )
        )


class AddToCart:
    """Guests who put one thing after another in their carts."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._forms: list[bytes] = []

    def measure(self, effort: Effort) -> Figure:
        if len(self._forms) < effort.clients:
            goods = [(product, variant) for product, variant in self._shop.facts["goods"]]
            self._forms = shots.forms(self._shop.host, goods, clients=effort.clients)
        again = Again(self._forms, host=self._shop.host, want=302, folder=self._shop.folder)
        if effort.warm_up:
            again.fire(clients=effort.clients, seconds=effort.warm_up)
        return again.fire(clients=effort.clients, seconds=effort.seconds)


class Orders:
    """People with a token and a full cart, who all order now."""

    def __init__(self, shop: Shop, effort: Effort, *, hot: bool) -> None:
        self._shop = shop
        self._effort = effort
        self._hot = hot
        self._rate = 0.0

    def measure(self) -> Figure:
        """Measure a run of orders; every one that was answered is in the database, no other one."""
        if not self._rate:
            self._rate = self._place(self._requests(_FIRST_BUYERS), self._effort.warm_up).rate
        warm = ceil(self._rate * self._effort.warm_up * _SPARE) + self._effort.clients
        long = ceil(self._rate * self._effort.seconds * _SPARE) + self._effort.clients
        requests = self._requests(warm + long)
        self._place(requests[:warm], self._effort.warm_up)
        figure = self._place(requests[warm:], self._effort.seconds)
        self._rate = figure.rate
        return figure

    def _requests(self, count: int) -> list[bytes]:
        pairs = self._shop.buyers(count, hot=self._hot)
        return [shots.order(self._shop.host, token=token, cart=cart) for token, cart in pairs]

    def _place(self, requests: Sequence[bytes], seconds: float) -> Figure:
        before = self._shop.count_orders()
        told = shots.fire(
            requests,
            host=self._shop.host,
            file=self._shop.folder / "shots",
            clients=self._effort.clients,
            seconds=seconds,
            want=201,
        )
        figure = shots.figure(told)
        written = self._shop.count_orders() - before
        if written != told["good"]:
            raise MeasurementError(f"{told['good']} orders were answered, {written} are there")
        return figure


class Actions:
    """Orders without HTTP: two processes of 32 threads call the verb itself."""

    PROCESSES = 2
    THREADS = 32

    def __init__(self, shop: Shop, effort: Effort, *, hot: bool) -> None:
        self._shop = shop
        self._effort = effort
        self._hot = hot
        self._rate = _FIRST_RATE

    def measure(self) -> Figure:
        """Measure a run; every order that was answered is in the database, no other one."""
        seconds = self._effort.warm_up + self._effort.seconds
        count = ceil(self._rate * seconds * _SPARE) + self._effort.clients
        pairs = self._shop.buyers(count, hot=self._hot)
        before = self._shop.count_orders()
        told = self._run([pairs[place :: self.PROCESSES] for place in range(self.PROCESSES)])
        placed = sum(each["placed"] for each in told)
        written = self._shop.count_orders() - before
        if written != placed:
            raise MeasurementError(f"{placed} orders were answered, {written} are there")
        times = sorted(took for each in told for took in each["times"])
        if not times:
            raise MeasurementError("no order was placed in time")
        self._rate = len(times) / self._effort.seconds
        return Figure(
            answers=len(times),
            rate=self._rate,
            p50_ms=percentile(times, 0.50) * 1e3,
            p99_ms=percentile(times, 0.99) * 1e3,
            generator_cores=0.0,
        )

    def _run(self, shares: Sequence[Sequence[tuple[str, str]]]) -> list[dict[str, Any]]:
        """Let each process place its share of the orders, all in the same seconds."""
        begins_at = time.time() + _SECONDS_TO_BEGIN
        running = []
        for number, share in enumerate(shares):
            file = self._shop.folder / f"buyers-{number}"
            file.write_text("".join(f"{json.dumps(pair)}\n" for pair in share))
            when = ["--at", str(begins_at), "--warm-up", str(self._effort.warm_up)]
            long = ["--seconds", str(self._effort.seconds)]
            command = ["-m", "load.bench.inside", "orders", str(file), *when, *long]
            running.append(self._shop.begin(*command, THREADS=str(self.THREADS)))
        return [json.loads(_ended(process)) for process in running]


def _ended(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate()
    if process.returncode:
        raise MeasurementError(f"the orders ended with {process.returncode}: {err[-1_000:]}")
    return out
