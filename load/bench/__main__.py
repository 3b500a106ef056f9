"""`make bench`, with ROWS=product_page,bare_view and SECONDS=5 if you like."""

import argparse
import json
import os
import sys
from pathlib import Path

from deploy.stack.client import NotOpenedError
from load.bench import figures, rows, running
from load.bench.figures import MeasurementError
from load.bench.rows import UnknownRowError
from load.bench.running import MissingProgramError, Report, Wish
from load.bench.shop import Effort
from load.window import end_on_sigterm, tell


def main() -> int:
    said = _arguments()
    end_on_sigterm()
    effort = Effort(clients=said.clients, seconds=said.seconds)
    try:
        wish = Wish(rows=rows.chosen(said.rows), effort=effort, runs=said.runs)
        report = running.run(wish, tell=tell)
    except (UnknownRowError, MissingProgramError, MeasurementError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 2
    except NotOpenedError as error:
        sys.stderr.write(f"bench: the stack did not open; it wrote:\n{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    _write(report, said.out)
    return 1 if report.failures else 0


def _arguments() -> argparse.Namespace:
    data = Path(os.environ.get("DATA_DIR") or "var")
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measures the shop beside the limits of this machine."
    )
    parser.add_argument("--rows", default="", help="names with commas; default: all")
    parser.add_argument("--seconds", type=_positive, default=4, help="of each measurement")
    parser.add_argument("--clients", type=_positive, default=64)
    parser.add_argument("--runs", type=_positive, default=3, help="of which the median counts")
    out = Path(os.environ.get("BENCH_OUT") or data / "bench.json")
    parser.add_argument("--out", type=Path, default=out, help="default: %(default)s")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _write(report: Report, out: Path) -> None:
    tell("")
    tell(figures.table(report.results))
    tell("")
    for note in report.notes:
        tell(f"* {note}")
    for failure in report.failures:
        tell(f"FAILED  {failure}")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report.as_json(), indent=2) + "\n", encoding="utf-8")
    tell(f"Written to {out}")


if __name__ == "__main__":
    raise SystemExit(main())
