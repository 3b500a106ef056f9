"""What figures are worth little without: when, on what, and with which load generator."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from load.bench import limits, pgbench, shop, shots, wrk
from load.bench.figures import BUSY, MeasurementError, Result
from load.bench.limits import Limits
from load.bench.pgbench import Server
from load.bench.shop import Effort

_SECONDS = 2
_SHOTS_PER_CLIENT = 200


def before() -> dict[str, Any]:
    """Return the day, and how busy the machine was before anything was started."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "load_average_before": [round(load, 2) for load in os.getloadavg()],
    }


def versions(database: Server, *, nginx: str) -> dict[str, str]:
    """Return the versions of everything that is measured."""
    with database.connect() as connection:
        row = connection.execute("SHOW server_version").fetchone()
    found = {name: version(name) for name in ("Django", "djangorestframework", "granian")}
    return {
        "Python": platform.python_version(),
        **found,
        "PostgreSQL": str(row[0]) if row else "unknown",
        "nginx": _said([nginx, "-v"]).rpartition("/")[2],
        "wrk": _said([wrk.program() or "", "-v"]) if wrk.program() else "missing",
    }


def _said(command: list[str]) -> str:
    """Return the first words that a program writes of itself."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    line = (done.stdout + done.stderr).strip().partition("\n")[0]
    return line.partition(" [")[0].partition(" Copyright")[0]


def generator(beside: Limits, effort: Effort, *, folder: Path) -> dict[str, float]:
    """Return how many requests a second the load generators manage where nginx does nothing.

    `get` is wrk (our own client where it is missing), `post` our own client with orders.
    """
    short = Effort(clients=effort.clients, seconds=_SECONDS)
    asked = shop.page(beside.port, limits.EMPTY, effort=short, folder=folder)
    host = f"127.0.0.1:{beside.port}"
    order = shots.order(host, token="x" * 250, cart="0" * 36, path=limits.EMPTY)
    posted = shots.figure(
        shots.fire(
            [order] * (effort.clients * _SHOTS_PER_CLIENT),
            host=host,
            file=folder / "shots",
            clients=effort.clients,
            seconds=_SECONDS,
            want=204,
            again=True,
        )
    )
    if not asked.rate or not posted.rate:
        raise MeasurementError("the load generator manages nothing at all")
    return {"get": round(asked.rate), "post": round(posted.rate)}


def doubts(found: list[Result], managed: dict[str, float]) -> list[str]:
    """Say of which rows the load generator may have been the bottleneck."""
    said = []
    for result in found:
        if result.rate is None or result.generator_cores is None:
            continue
        most = managed["post" if result.name.startswith(("add", "order")) else "get"]
        is_pgbench = result.name.startswith("pgbench")
        if result.generator_cores > BUSY or (not is_pgbench and 2 * result.rate > most):
            said.append(
                f"{result.name}: may be the load generator's own limit; it kept"
                f" {result.generator_cores:.2f} of a core busy"
                + ("" if is_pgbench else f" and manages {most:,.0f}/s where nginx does nothing")
            )
    return said


def what_is_measured(effort: Effort) -> list[str]:
    """Say what a reader of the figures has to know."""
    return [
        f"a closed loop: {effort.clients} clients ({pgbench.CLIENTS} of pgbench) each wait for"
        " their answer before they ask again, so latencies are those of a crowded shop, not of a"
        " quiet one",
        "of each row the run with the median rate; only good answers count",
        "bodies travel uncompressed; no limit writes a log",
        "product_page comes out of the caches; all other pages and answers are made anew each time,"
        " lists of parts that are kept",
    ]
