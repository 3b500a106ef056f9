"""What is in the way of transactions is counted, by what it is."""

import contextlib

import pytest
from django.db import Error as AnyDatabaseError
from django.db import IntegrityError

from shop.lib import metrics
from shop.lib.tests.test_transactions import from_mysql, from_postgresql
from shop.lib.transactions import retry_conflicts
from tests.counts import value_in

pytestmark = pytest.mark.once

REASONS = ("conflict", "lock", "statement", "away")


def trouble() -> dict[str, float]:
    """Return how many transactions began again, and how many gave up, by what was in the way."""
    name = "novashop_transactions_given_up_total"
    counted = list(metrics.counted())
    given_up = {reason: value_in(counted, name, reason=reason) for reason in REASONS}
    return {"again": value_in(counted, "novashop_transactions_retried_total"), **given_up}


@pytest.mark.parametrize(
    ("errors", "more"),
    [
        ([], {}),
        ([from_mysql(1213)], {"again": 1}),
        ([from_mysql(1213)] * 4, {"again": 3, "conflict": 1}),
        ([from_postgresql("40P01"), from_postgresql("55P03")], {"again": 1, "lock": 1}),
        ([from_postgresql("57014")], {"statement": 1}),
        ([from_postgresql(None)], {"away": 1}),
        # The database is right to refuse that, and nobody is in the way.
        ([IntegrityError("there is one already")], {}),
    ],
)
def test_whatever_is_in_the_way_is_counted(
    errors: list[AnyDatabaseError], more: dict[str, int]
) -> None:
    left = list(errors)

    def work() -> str:
        if left:
            raise left.pop(0)
        return "done"

    before = trouble()
    with contextlib.suppress(AnyDatabaseError):
        assert retry_conflicts(work) == "done"
    after = trouble()

    assert left == []
    assert {
        word: after[word] - before[word] for word in after if after[word] > before[word]
    } == more
