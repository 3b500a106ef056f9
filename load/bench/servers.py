"""`python -m load.bench.servers`: app servers beside each other, with their workers and threads.

Each serves the whole shop (a list, an API answer, a form that writes) through nginx to 200 clients,
on the database and the cache of a stack of its own. What is counted besides is how many connections
to the database each holds, and, with --idle, whether it loses some whenever there is little to do.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from deploy.stack.client import opened
from load.bench import limits, shots
from load.bench.figures import Figure, MeasurementError, lines_of
from load.bench.pgbench import Server
from load.bench.processes import HOST, cpu_seconds, free_port, started
from load.bench.running import open_shop, shelf
from load.bench.shop import AddToCart, Again, Effort, Shop

APPLICATION = "novashop.wsgi:application"
# What the connections of the server under test are called, to tell them from the stack's own.
_NAME = "bench-servers"
# The shortest idle time of a granian thread, and a pause that is longer.
_IDLE_SECONDS = 5
_PAUSE_SECONDS = 8
_PAUSES = 4
_PAGES = ("product_list", "api_product")


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to serve the shop."""

    program: str
    workers: int
    threads: int

    @property
    def name(self) -> str:
        return f"{self.program} {self.workers}x{self.threads}"

    def command(self, port: int) -> list[str]:
        where = f"{HOST}:{port}"
        if self.program == "granian":
            options = ["--interface", "wsgi", "--no-ws", "--log-level", "warning"]
            size = ["--workers", str(self.workers), "--blocking-threads", str(self.threads)]
            idle = ["--blocking-threads-idle-timeout", str(_IDLE_SECONDS)]
            place = ["--host", HOST, "--port", str(port)]
            return _python("granian", *options, *size, *idle, *place, APPLICATION)
        options = ["--bind", where, "--keep-alive", "75", "--log-level", "warning"]
        size = ["-k", "gthread" if self.threads > 1 else "sync", "-w", str(self.workers)]
        return _python("gunicorn", *options, *size, "--threads", str(self.threads), APPLICATION)


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


KINDS = tuple(
    Kind(program, workers, threads)
    for program in ("granian", "gunicorn")
    for workers in (1, 2, 4)
    for threads in (1, 2, 4, 8)
)


@dataclass(frozen=True, slots=True)
class Found:
    """What one of them managed: answers a second, p99, CPU for an answer, and connections."""

    name: str
    rates: Mapping[str, float]
    p99_ms: Mapping[str, float]
    cpu_ms: Mapping[str, float]
    connections: int
    after_pauses: tuple[int, ...] = ()
    error: str = ""


class Watch:
    """Counts the connections of the server under test, and keeps the largest number."""

    def __init__(self, database: Server) -> None:
        self._database = database
        self.most = 0

    def count(self) -> int:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
        with self._database.connect() as connection:
            row = connection.execute(query, [_NAME]).fetchone()
        return int(str(row[0])) if row else 0

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        done = threading.Event()

        def look() -> None:
            while not done.wait(0.2):
                self.most = max(self.most, self.count())

        thread = threading.Thread(target=look, name="watch-connections", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Where they are compared: a shop whose nginx passes everything on to one port."""

    shop: Shop
    app_port: int
    effort: Effort
    cart: AddToCart

    def measure(self, kind: Kind, *, pauses: int) -> Found:
        """Serve the shop that way and measure it."""
        log = self.shop.folder / "app.log"
        environment = {**os.environ, **self.shop.environment, "PGAPPNAME": _NAME}
        # Its own figures, which nobody reads, are not the stack's.
        environment["METRICS_DIR"] = ""
        watch = Watch(self.shop.database)
        try:
            with started(
                kind.command(self.app_port),
                log=log,
                port=self.app_port,
                path="/healthz",
                environment=environment,
            ) as process:
                with watch.watching():
                    runs = self._runs(process.pid)
                after = tuple(self._pause(watch) for _ in range(pauses))
        except (MeasurementError, OSError) as error:
            return Found(kind.name, {}, {}, {}, watch.most, error=str(error))
        return Found(
            name=kind.name,
            rates={name: round(figure.rate, 1) for name, (figure, _) in runs.items()},
            p99_ms={name: round(figure.p99_ms, 1) for name, (figure, _) in runs.items()},
            cpu_ms={name: round(cpu, 2) for name, (_, cpu) in runs.items()},
            connections=watch.most,
            after_pauses=after,
        )

    def _runs(self, leader: int) -> dict[str, tuple[Figure, float]]:
        """Measure each kind of request; return the figure, and the CPU of one answer in ms."""
        measures: dict[str, Callable[[Effort], Figure]] = {
            # What costs nothing shows what the server itself costs.
            "healthz": partial(self._page, "/healthz"),
            **{name: partial(self._page, self.shop.pages[name]) for name in _PAGES},
        }
        measures["add_to_cart"] = self.cart.measure
        found = {}
        for name, measure in measures.items():
            measure(replace(self.effort, seconds=1))
            before = cpu_seconds(leader)
            figure = measure(self.effort)
            cpu_ms = (cpu_seconds(leader) - before) / figure.answers * 1e3
            found[name] = (figure, cpu_ms)
        return found

    def _page(self, path: str, effort: Effort) -> Figure:
        """Ask by our own client, which waits for all answers: CPU and answers belong together."""
        host, folder = self.shop.host, self.shop.folder
        # Made anew each time: what is compared is who serves it.
        request = shots.get(host, path, self.shop.headers("api_product"))
        requests = [request] * effort.clients
        return Again(requests, host=host, want=200, folder=folder).fire(
            clients=effort.clients, seconds=effort.seconds
        )

    def _pause(self, watch: Watch) -> int:
        """Let the server rest and work again, and return its connections then."""
        time.sleep(_PAUSE_SECONDS)
        self._page(self.shop.pages["api_product"], self.effort)
        return watch.count()


@contextlib.contextmanager
def field(effort: Effort) -> Iterator[Field]:
    """Open a stack, and an nginx before a port at which nobody serves yet."""
    with shelf() as folder, opened(folder=folder / "stack", apps=1) as stack:
        ours = folder / "bench"
        ours.mkdir()
        subject, app_port = open_shop(stack, folder=ours, many=False), free_port()
        nginx = stack.facts["nginx"]["program"]
        with limits.behind_nginx(folder=ours, nginx=nginx, page=b"", app_ports=[app_port]) as port:
            subject = replace(subject, port=port)
            yield Field(shop=subject, app_port=app_port, effort=effort, cart=AddToCart(subject))


def table(found: Sequence[Found]) -> str:
    """Return what was found as lines for a terminal."""
    names = ("healthz", *_PAGES, "add_to_cart")
    head = ("server", *names, "connections", "after pauses")
    cells = [
        (
            one.name,
            *(_cell(one, name) for name in names),
            str(one.connections),
            one.error[:60] or " ".join(map(str, one.after_pauses)),
        )
        for one in found
    ]
    return lines_of([head, *cells], left={0, len(head) - 1})


def _cell(found: Found, name: str) -> str:
    if name not in found.rates:
        return "-"
    rate, p99, cpu = found.rates[name], found.p99_ms[name], found.cpu_ms[name]
    return f"{rate:,.0f}/s p99 {p99:,.0f} ms CPU {cpu:.1f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m load.bench.servers", description=__doc__)
    parser.add_argument("--only", default="", help='names with commas: "granian 1x1,gunicorn 2x4"')
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--idle", action="store_true", help="count connections after pauses, too")
    parser.add_argument("--out", type=Path, help="write what was found to this file as well")
    said = parser.parse_args()
    names = [name.strip() for name in said.only.split(",") if name.strip()]
    if unknown := set(names) - {kind.name for kind in KINDS}:
        raise SystemExit(f"there is no {', '.join(sorted(unknown))}; see KINDS in {__file__}")
    # Ends what was started, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    before = os.getloadavg()
    found = []
    effort = Effort(clients=said.clients, seconds=said.seconds, warm_up=0)
    with field(effort) as place:
        for kind in KINDS:
            if kind.name in names or not names:
                found.append(place.measure(kind, pauses=_PAUSES if said.idle else 0))
                sys.stderr.write(f"{table(found[-1:])}\n")
    load = ", ".join(f"{one:.1f}" for one in before)
    sys.stdout.write(f"{table(found)}\n\n{said.clients} clients; load before: {load}\n")
    if said.out:
        said.out.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n")
    return 1 if any(one.error for one in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
