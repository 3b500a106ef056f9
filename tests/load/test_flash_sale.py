"""A flash sale is judged by what buyers were told and by what the database has."""

from dataclasses import replace
from typing import Any

import pytest

from load.flash_sale import Outcome, Sale

pytestmark = pytest.mark.once

SALE = Sale(units=10, buyers=50, at_once=5)
GOOD = Outcome(
    statuses={201: 10, 409: 40},
    codes={"not_enough_stock": 40},
    unanswered=0,
    seconds=1.0,
    p99_ms=10.0,
    orders=10,
    on_hand=10,
    promised=10,
)


def test_exactly_the_units_are_sold_and_all_others_refused() -> None:
    assert GOOD.faults(SALE) == []


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"orders": 11}, ["orders: 11 instead of 10"]),
        ({"promised": 9}, ["promised: 9 instead of 10"]),
        ({"on_hand": 0}, ["on hand: 0 instead of 10"]),
        ({"unanswered": 1}, ["unanswered: 1 instead of 0"]),
        (
            {"statuses": {201: 10, 409: 39, 503: 1}},
            ["answers: {201: 10, 409: 39, 503: 1} instead of {201: 10, 409: 40}"],
        ),
        (
            {"codes": {"not_enough_stock": 39, "busy": 1}},
            ["refusals: {'not_enough_stock': 39, 'busy': 1} instead of {'not_enough_stock': 40}"],
        ),
    ],
)
def test_anything_else_is_a_fault(wrong: dict[str, Any], faults: list[str]) -> None:
    assert replace(GOOD, **wrong).faults(SALE) == faults
