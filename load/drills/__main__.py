"""`make drill`, with PARTS=redis,worker FAULTS=kill,cut SEEDS=1,2,3 SECONDS=10 if you like.

Every part of a stack of its own meets every fault, in an order and at moments that the seed
decides, while Locust's people shop. It exits with 0 only if after each all was well again within
its limit, without a hand; every order that was acknowledged is there; the audit finds nothing; and
all news had each of its effects, once. var/drill.md has the table.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.servers.programs import ServerError
from deploy.stack.settings import ROOT
from load.bench.figures import MeasurementError
from load.drills import faults, parts, report
from load.drills.faults import UnknownFaultError
from load.drills.parts import UnknownPartError
from load.drills.report import Cell
from load.drills.running import Wish, hold
from load.refusals import CannotRunError
from load.window import judged, tell


def main(arguments: Sequence[str]) -> int:
    try:
        wish = read_wish(arguments)
    except (UnknownPartError, UnknownFaultError, CannotRunError) as error:
        raise SystemExit(f"The drill cannot be held: {error}.") from error
    return judged("drill", lambda: _hold(wish))


def read_wish(arguments: Sequence[str]) -> Wish:
    """Read the command line. Raises UnknownPartError, UnknownFaultError or CannotRunError."""
    parser = argparse.ArgumentParser(prog="python -m load.drills", description=__doc__)
    parser.add_argument("--parts", default="", help=f"of {', '.join(parts.PARTS)}; default: all")
    parser.add_argument("--faults", default="", help=f"of {', '.join(faults.FAULTS)}")
    parser.add_argument("--seeds", default="1", help="one drill for each, separated by commas")
    parser.add_argument("--seconds", default="10", help="how long a fault lasts that lasts")
    parser.add_argument("--rate", default="8", help="orders a second by those who insist")
    parser.add_argument("--users", default="40", help="who shop besides")
    parser.add_argument("--database", default="postgresql", choices=["postgresql", "mysql"])
    parser.add_argument("--broker", default="rabbitmq", choices=["rabbitmq", "none"])
    parser.add_argument("--report", type=Path, default=ROOT / "var", help="the folder for it")
    said = parser.parse_args(arguments)
    return Wish(
        parts=parts.chosen(_words(said.parts), has_broker=said.broker != "none"),
        faults=faults.chosen(_words(said.faults)),
        seeds=[_number("SEEDS", word, most=10**6) for word in _words(said.seeds)],
        seconds=_number("SECONDS", said.seconds, most=3_600),
        rate=_number("RATE", said.rate, most=200),
        users=_number("USERS", said.users, most=1_000),
        database=said.database,
        broker=said.broker,
        folder=(said.report / "drill").resolve(),
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _number(name: str, text: str, *, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise CannotRunError(f"{name} is {text!r}; it must be a number from 1 to {most:,}")
    return int(text)


def _hold(wish: Wish) -> list[str]:
    wish.folder.mkdir(parents=True, exist_ok=True)
    circumstances = (
        f"{wish.rate} orders a second and {wish.users} people on {wish.database}, "
        f"broker {wish.broker}; what lasts, lasts {wish.seconds:.0f} s."
    )

    def note(cells: Sequence[Cell], *, also: str = " It is not over.") -> None:
        report.write(cells, wish.folder.parent, circumstances=circumstances + also)

    try:
        cells = hold(wish, note=note)
    except (CannotRunError, ServerError, OSError) as error:
        raise MeasurementError(str(error)) from error
    note(cells, also="")
    tell(f"\n{report.table(cells)}\n\nreport: {wish.folder.parent / 'drill.md'}")
    return report.faults(cells)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
