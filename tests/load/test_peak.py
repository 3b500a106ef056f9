"""A great day is judged by what buyers were told, how soon, and by what the database has."""

from dataclasses import replace
from typing import Any

import pytest

from load.peak import Outcome, Peak

pytestmark = pytest.mark.once

PEAK = Peak(rate=10, seconds=100, users=5)
GOOD = Outcome(
    sent=1_000,
    statuses={201: 1_000},
    p50_ms=20.0,
    p95_ms=250.0,
    p99_ms=500.0,
    written=1_000,
    open_for={"p50": 0.025, "p99": 0.08},
)


def test_all_are_placed_in_time() -> None:
    assert GOOD.faults(PEAK) == []


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"p95_ms": 251.0}, ["p95 251 ms, at most 250"]),
        ({"p99_ms": 501.0}, ["p99 501 ms, at most 500"]),
        ({"written": 1_001}, ["1,001 orders are there"]),
        ({"written": 999}, ["999 orders are there"]),
        ({"statuses": {201: 999, 503: 1}, "written": 999}, ["answers: {201: 999, 503: 1}"]),
        (
            {"sent": 980, "statuses": {201: 980}, "written": 980},
            ["980 orders were sent of 1,000"],
        ),
        ({"statuses": {201: 999}, "written": 999}, ["answers: {201: 999}"]),
    ],
)
def test_anything_else_is_a_fault(wrong: dict[str, Any], faults: list[str]) -> None:
    assert replace(GOOD, **wrong).faults(PEAK) == faults
