"""One run of the bench: a stack of its own, the limits beside it, and every row in every round."""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from deploy.servers.account import Account
from deploy.stack.client import Database, Stack, opened
from load import catalogue
from load.bench import circumstances, figures, limits, pgbench, shop, wrk
from load.bench.crowd import BrowserMix, HalfLoad
from load.bench.figures import Figure, MeasurementError, Result
from load.bench.limits import Limits
from load.bench.pgbench import Server
from load.bench.rows import Row
from load.bench.shop import Actions, AddToCart, Effort, Orders, Shop

# As many app servers for browsing as the stack has by default.
APPS = 2
_OF_NGINX_ALONE = ("static_page", "cached_static", "browser_mix")
_OF_PGBENCH = ("pgbench_spread", "pgbench_hot")
# Filling so many shelves takes half a minute.
_OF_MANY_PRODUCTS = ("browser_mix", "order_spread", "action_spread")

Tell = Callable[[str], None]
Measure = Callable[[], Figure]


class MissingProgramError(Exception):
    """The message says which rows cannot be measured here, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be measured, and how often."""

    rows: Sequence[Row]
    effort: Effort
    runs: int


@dataclass(slots=True, kw_only=True)
class Report:
    """What was found, and under which circumstances."""

    facts: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            **self.facts,
            "notes": self.notes,
            "failures": self.failures,
            "rows": figures.as_json(self.results),
        }


def run(wish: Wish, *, tell: Tell) -> Report:
    """Measure. Raises MissingProgramError where CI is set and something would be skipped."""
    report = Report(
        facts={
            **circumstances.before(),
            "clients": wish.effort.clients,
            "pgbench_clients": pgbench.CLIENTS,
            "seconds": wish.effort.seconds,
            "runs": wish.runs,
        },
        notes=circumstances.what_is_measured(wish.effort),
    )
    with shelf() as folder:
        tell("Opening a stack …")
        with opened(folder=folder / "stack", apps=APPS, database="postgresql") as stack:
            _measure_stack(stack, wish, report, folder=folder, tell=tell)
    return report


@contextlib.contextmanager
def shelf() -> Iterator[Path]:
    """Make a folder that all servers can enter, whoever they run as, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="novashop-bench-", dir=Account().shelf) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextlib.contextmanager
def own_stack(*, database: Database = "postgresql", tell: Tell) -> Iterator[tuple[Stack, Path]]:
    """Open a stack and yield it with a folder for files; afterwards its invariants are checked.

    Raises NotOpenedError, and MeasurementError with what is wrong.
    """
    with shelf() as folder:
        tell(f"Opening a stack on {database} …")
        with opened(folder=folder / "stack", database=database) as stack:
            ours = folder / "ours"
            ours.mkdir()
            yield stack, ours
            tell(f"Audit: {shop.audit(stack.environment)}")


def open_shop(stack: Stack, *, folder: Path, many: bool = True) -> Shop:
    """Return the shop of a stack, with its shelves full: of the demo's, or of `many` products."""
    shop_of_stack = Shop(
        port=urlsplit(stack.url).port or 80,
        environment=stack.environment,
        database=Server.at(stack.facts["database_url"]),
        folder=folder,
    )
    return shop_of_stack.knowing(
        json.loads(shop_of_stack.inside("facts", *(["--many"] if many else [])))
    )


def _measure_stack(stack: Stack, wish: Wish, report: Report, *, folder: Path, tell: Tell) -> None:
    ours = folder / "bench"
    ours.mkdir()
    many = any(row.name in _OF_MANY_PRODUCTS for row in wish.rows)
    subject = open_shop(stack, folder=ours, many=many)
    if any(row.name in shop.OUT_OF_CACHES for row in wish.rows):
        tell("Waiting until the pictures are drawn: each of them makes pages anew …")
        catalogue.wait_for_pictures(stack.url)
    program = subject.database.program()
    rows = possible(wish.rows, pgbench_program=program, report=report)
    nginx = stack.facts["nginx"]["program"]
    with limits.running(
        folder=ours,
        nginx=nginx,
        page=subject.body(subject.pages["product_page"]),
        apps=APPS,
        database_url=stack.facts["database_url"],
    ) as beside:
        report.facts["versions"] = circumstances.versions(subject.database, nginx=nginx)
        generator = circumstances.generator(beside, wish.effort, folder=ours)
        report.facts["generator"] = generator
        tell(f"The load generators manage {generator} requests a second where nginx does nothing.")
        measures = _measures(rows, subject, beside, wish.effort)
        _measure_all(rows, measures, wish=wish, report=report, tell=tell)
    report.notes += circumstances.doubts(report.results, generator)
    try:
        tell(f"Audit: {subject.audit()}")
    except MeasurementError as error:
        report.failures.append(str(error))


def possible(rows: Sequence[Row], *, pgbench_program: Path | None, report: Report) -> list[Row]:
    """Leave out, by name, what cannot be measured here. Raises MissingProgramError in CI."""
    missing = {}
    if pgbench_program is None:
        missing = dict.fromkeys(_OF_PGBENCH, "this PostgreSQL came without pgbench")
    if wrk.program() is None:
        # Our own client asks for pages as fast as the shop makes them, but not as fast as nginx.
        missing |= dict.fromkeys(_OF_NGINX_ALONE, "wrk is not installed")
    skipped = [f"skipped {row.name}: {missing[row.name]}" for row in rows if row.name in missing]
    if skipped and os.environ.get("CI"):
        raise MissingProgramError(f"{'; '.join(skipped)}, and with CI set nothing is skipped")
    report.notes += skipped
    return [row for row in rows if row.name not in missing]


def _measures(
    rows: Sequence[Row], subject: Shop, beside: Limits, effort: Effort
) -> dict[str, Measure]:
    """Return how each row is measured once."""
    names = {row.name for row in rows}
    ours = subject.folder
    beside_pages = {
        "static_page": limits.STATIC,
        "cached_static": limits.CACHED,
        "bare_view": limits.BARE,
    }
    places = {name: (beside.port, path) for name, path in beside_pages.items()}
    places |= {name: (subject.port, path) for name, path in subject.pages.items()}
    headers = {name: subject.headers(name) for name in subject.pages}
    measures: dict[str, Measure] = {
        name: partial(
            shop.page, port, path, effort=effort, folder=ours, headers=headers.get(name, {})
        )
        for name, (port, path) in places.items()
    }
    measures["browser_mix"] = partial(BrowserMix(subject).measure, effort)
    half = HalfLoad(subject, row="product_page_uncached")
    measures["product_page_half"] = partial(half.measure, effort)
    measures["add_to_cart"] = partial(AddToCart(subject).measure, effort)
    measures["order_spread"] = Orders(subject, effort, hot=False).measure
    for name, buyers in (("order_hot", 128), ("order_hot_16", 16)):
        measures[name] = Orders(subject, replace(effort, clients=buyers), hot=True).measure
    for name, hot in (("action_spread", False), ("action_hot", True)):
        measures[name] = Actions(subject, effort, hot=hot).measure
    if names.intersection(_OF_PGBENCH):
        measures |= _transactions(subject, effort)
    return measures


def _transactions(subject: Shop, effort: Effort) -> dict[str, Measure]:
    program = subject.database.program()
    if program is None:
        return {}
    scripts = pgbench.prepare(subject.database, folder=subject.folder)
    return {name: _pgbench(subject, program, script, effort) for name, script in scripts.items()}


def _pgbench(subject: Shop, program: Path, script: Path, effort: Effort) -> Measure:
    def run(seconds: int) -> Figure:
        return pgbench.measure(
            subject.database, program=program, script=script, seconds=seconds, folder=subject.folder
        )

    def measure() -> Figure:
        if effort.warm_up:
            run(effort.warm_up)
        return run(effort.seconds)

    return measure


def in_rounds(rows: Sequence[Row], runs: int) -> Iterator[tuple[int, Row]]:
    """Yield what is measured, with the number of its round: orders, and their limits, at last."""
    orders = [row for row in rows if {row.name, row.limit} & {*_OF_PGBENCH}]
    for some in ([row for row in rows if row not in orders], orders):
        for number in range(1, runs + 1):
            yield from ((number, row) for row in some)


def _measure_all(
    rows: Sequence[Row],
    measures: Mapping[str, Measure],
    *,
    wish: Wish,
    report: Report,
    tell: Tell,
) -> None:
    """Measure rows in one round after the other, so that a busy minute hits them alike.

    Orders come when all else is done: of thousands of them the letters are written for minutes.
    """
    runs: dict[str, list[Figure]] = {row.name: [] for row in rows}
    errors: dict[str, list[str]] = {row.name: [] for row in rows}
    for number, row in in_rounds(rows, wish.runs):
        try:
            figure = measures[row.name]()
        except (MeasurementError, OSError, psycopg.Error) as error:
            errors[row.name].append(str(error))
            tell(f"{number}/{wish.runs}  {row.name:<22}  FAILED: {error}")
        else:
            runs[row.name].append(figure)
            tell(f"{number}/{wish.runs}  {row.name:<22}{figure.rate:>12,.1f}/s  {row.what}")
    report.results = figures.results(rows, runs, errors)
    report.notes += [f"{result.name}: {result.note}" for result in report.results if result.note]
    report.failures += [f"{name}: {said[0]}" for name, said in errors.items() if said]
