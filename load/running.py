"""`make load`: a crowd in the shop, and whether the shop has stood it.

    make load USERS=200 TIME=60s                      against a stack of its own
    make load USERS=50 URL=http://127.0.0.1:8080      against a shop that runs already

It exits with 0 only if there was no error, no oversell and no missed threshold
(load/thresholds.py).
"""

import argparse
import contextlib
import csv
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.stack.client import Database
from load import catalogue, goods, journal, own_shop, proof
from load.refusals import CannotRunError
from load.verdict import Run, reasons, table, verdict
from load.window import end_on_sigterm, tell

ROOT = Path(__file__).resolve().parent.parent
MOST_USERS = 10_000
MOST_APPS = 64
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_SECONDS_TO_FINISH = 60
_SECONDS_TO_GO = 15
_PEOPLE = ("Browser", "Buyer", "Client", "FlashBuyer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asked for."""

    users: int
    seconds: int
    url: str
    flash: int | None
    slack: float
    people: tuple[str, ...]
    apps: int
    database: Database
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Where the crowd goes. Without an environment its database is out of reach."""

    url: str
    flash: int | None
    environment: Mapping[str, str] | None


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for. Raises SystemExit with a sentence where it cannot."""
    end_on_sigterm()
    try:
        wish = read_wish(arguments)
        with _shop(wish) as shop:
            return _run(wish, shop)
    except CannotRunError as error:
        raise SystemExit(f"The load test cannot run: {error}.") from error
    except KeyboardInterrupt:
        return 130


def read_wish(arguments: Sequence[str]) -> Wish:
    """Read the command line. Raises CannotRunError."""
    parser = argparse.ArgumentParser(prog="python -m load.running", description=__doc__)
    parser.add_argument("--users", default="200", help="how many people come")
    parser.add_argument("--time", default="60s", help="for how long: 90, 60s, 5m or 1h")
    parser.add_argument("--url", default="", help="a shop that runs already")
    parser.add_argument("--flash", type=int, help="the id of the product that FlashBuyers want")
    parser.add_argument("--slack", default="1", help="2 allows twice the time and half the rate")
    parser.add_argument("--only", action="append", choices=_PEOPLE, help="leave the others at home")
    parser.add_argument("--apps", default="2", help="app servers of its own stack")
    parser.add_argument("--database", default="postgresql", help="of its own stack, or mysql")
    parser.add_argument("--report", type=Path, default=None, help="the folder for the report")
    found = parser.parse_args(arguments)
    return Wish(
        users=_number("USERS", found.users, most=MOST_USERS),
        apps=_number("APPS", found.apps, most=MOST_APPS),
        database=_database(found.database),
        seconds=_seconds(found.time),
        url=found.url.rstrip("/"),
        flash=found.flash,
        slack=_slack(found.slack),
        people=tuple(found.only or _PEOPLE),
        folder=(found.report or ROOT / "var" / "load").resolve(),
    )


def _number(name: str, text: str, *, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= most:
        raise CannotRunError(f"{name} is {text!r}; it must be a number from 1 to {most:,}")
    return int(text)


def _database(text: str) -> Database:
    if text == "postgresql":
        return "postgresql"
    if text in {"mysql", "mariadb"}:
        return "mysql"
    raise CannotRunError(f"DB is {text!r}; it must be postgresql or mysql")


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})([smh]?)", text)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not seconds:
        raise CannotRunError(f"TIME is {text!r}; it must be like 90, 60s, 5m or 1h")
    return seconds


def _slack(text: str) -> float:
    try:
        slack = float(text)
    except ValueError:
        slack = 0.0
    if not (0 < slack < math.inf):
        raise CannotRunError(f"--slack is {text!r}; it must be a number above 0")
    return slack


@contextlib.contextmanager
def _shop(wish: Wish) -> Iterator[Shop]:
    """Yield the shop that runs already, or else one of our own, which is ended afterwards."""
    if wish.url:
        is_known = "DATABASE_URL" in os.environ or "DATA_DIR" in os.environ
        environment = dict(os.environ) if is_known else None
        yield Shop(url=wish.url, flash=wish.flash, environment=environment)
        return
    with own_shop.opened(
        wish.folder / "stack",
        apps=wish.apps,
        database=wish.database,
        flash_units=goods.flash_stock(wish.users),
    ) as own:
        yield Shop(url=own.url, flash=None, environment={**os.environ, **own.environment})


def _run(wish: Wish, shop: Shop) -> int:
    found = catalogue.read(shop.url, flash=shop.flash)
    tell(f"{wish.users:,} people for {wish.seconds:,} s at {shop.url} …")
    _forget(wish.folder)
    status = _locust(wish, shop.url, found.flash.id)
    run = _outcome(wish, shop, status)
    tell(f"\n{table(run)}\n\nreport: {wish.folder / 'report.html'}\n{verdict(run)}")
    return 1 if reasons(run) else 0


def _forget(folder: Path) -> None:
    """Take away the report of the run before: an old one must not pass for this one's."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.suffix in {".html", ".json", ".csv", ".jsonl", ".log"}:
            path.unlink()


def _locust(wish: Wish, url: str, flash: int) -> int:
    """Let the crowd in and wait until it has gone; return Locust's exit status."""
    folder = wish.folder
    spawn_rate = wish.users / _seconds_to_come(wish)
    command = [
        *(sys.executable, "-m", "locust", "-f", "load/locustfile.py", *wish.people, "--headless"),
        *("--host", url, "--users", str(wish.users), "--spawn-rate", f"{spawn_rate:.2f}"),
        *("--run-time", str(wish.seconds), "--stop-timeout", "10", "--flash", str(flash)),
        *("--journal", str(folder / "journal.jsonl"), "--html", str(folder / "report.html")),
        *("--csv", str(folder / "stats"), "--json-file", str(folder / "stats")),
        "--only-summary",
    ]
    with (
        (folder / "locust.log").open("wb") as log,
        subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        ) as process,
    ):
        try:
            return process.wait(timeout=wish.seconds + _SECONDS_TO_FINISH)
        except subprocess.TimeoutExpired:
            return _end(process)
        except (KeyboardInterrupt, SystemExit):
            _end(process)
            raise


def _seconds_to_come(wish: Wish) -> float:
    """All are there after a third of the time, and after half a minute at most."""
    return max(1.0, min(30.0, wish.seconds / 3))


def _end(process: subprocess.Popen[bytes]) -> int:
    """Ask Locust to go, and make it go where it does not; return its exit status."""
    process.terminate()
    try:
        return process.wait(timeout=_SECONDS_TO_GO)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _outcome(wish: Wish, shop: Shop, status: int) -> Run:
    folder = wish.folder
    try:
        entries = json.loads((folder / "stats.json").read_text(encoding="utf-8"))
        record = journal.read(folder / "journal.jsonl")
    except (OSError, ValueError) as error:
        log = folder / "locust.log"
        raise CannotRunError(
            f"Locust ended with {status} and no figures; {log} says why"
        ) from error
    complaints = list(_complaints(folder / "stats_failures.csv"))
    if status and not complaints and not record.troubles:
        complaints.append(f"Locust ended with {status}; {folder / 'locust.log'} says why")
    proofs = proof.of(folder / "journal.jsonl", shop.environment)
    return Run(
        users=wish.users,
        seconds=wish.seconds,
        seconds_to_come=_seconds_to_come(wish),
        slack=wish.slack,
        entries=entries,
        record=record,
        complaints=complaints,
        proof=proofs.breaches,
        proven=proofs.sentence,
    )


def _complaints(path: Path) -> Iterator[str]:
    """Return what Locust counted as failures, the most frequent first."""
    with path.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    for row in sorted(rows, key=lambda row: -int(row["Occurrences"])):
        yield f"{row['Occurrences']} times {row['Method']} {row['Name']}: {_plain(row['Error'])}"


def _plain(error: str) -> str:
    found = re.fullmatch(r"CatchResponseError\(['\"](.*)['\"]\)", error, re.DOTALL)
    return found[1] if found else error


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
