"""What is told of a drill: part by part and fault by fault, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from load.drills.faults import FAULTS
from load.drills.parts import PARTS, Part
from load.drills.seeing import Seen

_HEADS = (
    *("seed", "part", "fault", "what a shopper saw"),
    *("p95, before", "seconds to normal", "limit", "verdict"),
)
_MOST_REASONS = 5


@dataclass(slots=True, kw_only=True)
class Cell:
    """One part that met one fault, and what was seen in the seconds before it.

    `seconds` is None where all was never well again.
    """

    seed: int
    part: Part
    fault: str
    limit: float
    before: Seen
    seen: Seen
    seconds: float | None
    # What shall not be so; more may be found when all is over.
    reasons: list[str] = field(default_factory=list)
    # News that waited for its lease, or its next try, when all was well again.
    held_back: int = 0
    # Whether news was behind already, so that it could not be told by it when all was well.
    was_late: bool = False

    @property
    def is_green(self) -> bool:
        return not self.reasons

    @property
    def name(self) -> str:
        return f"{self.part.called} x {self.fault} (seed {self.seed})"


def judge(cell: Cell, complaints: Sequence[str]) -> None:
    """Write down what is wrong with a cell; `complaints` are those of the end of its time."""
    seen = cell.seen
    if cell.seconds is None:
        cell.reasons += [f"not well again: {complaint}" for complaint in complaints]
    elif cell.seconds > cell.limit:
        cell.reasons.append(f"well again after {cell.seconds:.1f} s, at most {cell.limit:.0f}")
    never = {status: n for status, n in seen.statuses.items() if status not in cell.part.shown}
    cell.reasons += [f"{n} x {_status(status)}" for status, n in never.items()]
    cell.reasons += [f"a wrong answer: {said}" for said in dict.fromkeys(seen.wrong)]


def sight(seen: Seen) -> str:
    """Return in words what a shopper saw."""
    errors = [f"{count} x {_status(status)}" for status, count in seen.statuses.items()]
    errors += [f"{len(seen.wrong)} wrong answers"] * bool(seen.wrong)
    orders = f"{seen.orders} orders taken"
    if seen.orders_refused:
        orders += f", {seen.orders_refused} told to come again"
    what = f"{', '.join(errors) or 'no error'} in {seen.requests:,} requests"
    return f"{what}, the slowest {seen.slowest_ms / 1000:.1f} s; {orders}"


def _status(status: int) -> str:
    return str(status) if status else "no answer"


def rows(cells: Sequence[Cell]) -> list[tuple[str, ...]]:
    """Return a line for each cell: part by part, whatever the seed has made of their order."""
    names, faults_there = [*PARTS], [*FAULTS]
    ordered = sorted(
        cells,
        key=lambda each: (
            each.seed,
            names.index(each.part.name),
            faults_there.index(each.fault),
        ),
    )
    return [
        (
            str(cell.seed),
            cell.part.called,
            cell.fault,
            sight(cell.seen),
            f"{cell.seen.p95_ms:,.0f} ms, {cell.before.p95_ms:,.0f}",
            "never" if cell.seconds is None else f"{cell.seconds:.1f}",
            f"{cell.limit:.0f}",
            "green" if cell.is_green else "RED",
        )
        for cell in ordered
    ]


def table(cells: Sequence[Cell]) -> str:
    """Return the table, in Markdown, with its columns as wide as they need to be."""
    lines = [_HEADS, *rows(cells)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        f"| {' | '.join(text.ljust(width) for text, width in zip(line, widths, strict=True))} |"
        for line in lines
    )


def faults(cells: Sequence[Cell]) -> list[str]:
    """Return which cells are red and why, a line each."""
    return [f"{cell.name}: {'; '.join(_some(cell.reasons))}" for cell in cells if not cell.is_green]


def _some(reasons: Sequence[str]) -> list[str]:
    more = len(reasons) - _MOST_REASONS
    return [*reasons[:_MOST_REASONS], *([f"and {more:,} more"] if more > 0 else [])]


def write(cells: Sequence[Cell], folder: Path, *, circumstances: str) -> None:
    """Write drill.md and drill.json into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    red = [f"* {fault}" for fault in faults(cells)]
    held = [f"* {cell.name}: {_later(cell)}" for cell in cells if _later(cell)]
    why = [f"* {part.called}: {part.seconds} s, since {part.why}" for part in _parts(cells)]
    sections = [
        ("# Drill", [circumstances]),
        ("", [table(cells)]),
        ("## What is red", red or ["Nothing."]),
        ("## What came later", held or ["Nothing."]),
        ("## The limits", why),
    ]
    text = "\n\n".join(
        "\n\n".join(filter(None, (head, "\n".join(body)))) for head, body in sections
    )
    (folder / "drill.md").write_text(f"{text}\n", encoding="utf-8")
    facts = {"circumstances": circumstances, "cells": [_facts(cell) for cell in cells]}
    (folder / "drill.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _later(cell: Cell) -> str:
    """Say what had not come yet when all was well."""
    if cell.was_late:
        return "more was ordered than letters could be written, before already"
    if cell.held_back:
        return f"{cell.held_back} news still waited to be sent, or tried, once more"
    return ""


def _parts(cells: Sequence[Cell]) -> list[Part]:
    return [*{cell.part.name: cell.part for cell in cells}.values()]


def _facts(cell: Cell) -> dict[str, Any]:
    whole = asdict(cell)
    return {**whole, "part": cell.part.name, "is_green": cell.is_green}
