"""What was measured: single runs, the medians of several, and the ratio to a limit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from statistics import median_low

from load.bench.rows import Row

# A load generator that keeps more of a core busy than this may be what was measured.
BUSY = 0.5


class MeasurementError(Exception):
    """The message says what went wrong; there is no figure then."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One run: good answers, how many a second, how long they took, and the generator's cores.

    `note` says what else was seen in it.
    """

    answers: int
    rate: float
    p50_ms: float
    p99_ms: float
    generator_cores: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A row: the run with the median rate, the rates of all runs, and what they failed of."""

    name: str
    rate: float | None
    p50_ms: float | None
    p99_ms: float | None
    limit: str | None
    ratio: float | None
    runs: tuple[float, ...]
    generator_cores: float | None
    errors: tuple[str, ...]
    note: str = ""


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0.99) of the values do not exceed."""
    return sorted_values[max(ceil(share * len(sorted_values)) - 1, 0)]


def results(
    rows: Iterable[Row],
    runs: Mapping[str, Sequence[Figure]],
    errors: Mapping[str, Sequence[str]],
) -> list[Result]:
    """Return a result for each row, with its ratio where its limit was measured as well.

    A row with an error has no rate, and nothing is held against it.
    """
    medians = {
        name: _median(figures) for name, figures in runs.items() if figures and not errors.get(name)
    }
    return [
        _result(row, medians, runs.get(row.name, ()), tuple(errors.get(row.name, ())))
        for row in rows
    ]


def _median(figures: Sequence[Figure]) -> Figure:
    """Return the run in the middle, so that its latencies belong to its rate."""
    rate = median_low(figure.rate for figure in figures)
    return next(figure for figure in figures if figure.rate == rate)


def _result(
    row: Row, medians: Mapping[str, Figure], runs: Sequence[Figure], errors: tuple[str, ...]
) -> Result:
    figure = medians.get(row.name)
    limit = medians.get(row.limit or "")
    return Result(
        name=row.name,
        rate=round(figure.rate, 1) if figure else None,
        p50_ms=round(figure.p50_ms, 2) if figure else None,
        p99_ms=round(figure.p99_ms, 2) if figure else None,
        limit=row.limit,
        ratio=round(figure.rate / limit.rate, 4) if figure and limit else None,
        runs=tuple(round(run.rate, 1) for run in runs),
        generator_cores=round(figure.generator_cores, 2) if figure else None,
        errors=errors,
        note=figure.note if figure else "",
    )


def as_json(found: Iterable[Result]) -> list[dict[str, object]]:
    """Return the rows as they are written to the file."""
    return [asdict(result) for result in found]


_HEAD = ("row", "/s", "p50 ms", "p99 ms", "of", "ratio", "runs")


def table(found: Iterable[Result]) -> str:
    """Return the results as lines for a terminal."""
    return lines_of([_HEAD, *(_cells(result) for result in found)], left={0, 4, 6})


def lines_of(cells: Sequence[Sequence[str]], *, left: Collection[int]) -> str:
    """Return rows of cells as lines, with numbers to the right and these columns to the left."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def _cells(result: Result) -> tuple[str, ...]:
    rates = " ".join(_number(rate) for rate in result.runs)
    if result.rate is None:
        return (result.name, "failed", "", "", result.limit or "", "", rates)
    return (
        result.name,
        _number(result.rate),
        _number(result.p50_ms),
        _number(result.p99_ms),
        result.limit or "",
        "" if result.ratio is None else f"{result.ratio:.1%}",
        rates,
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.1f}"
