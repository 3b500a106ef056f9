"""What passes, what fails, and why."""

from typing import Any

import pytest

from load.journal import Acknowledged, Record
from load.thresholds import CROWD, FEWEST, GROUPS, least_rate, limit_ms
from load.verdict import Run, rate, reasons, rows_of, table, verdict

PAGES = next(group for group in GROUPS if group.name == "pages")
LIMIT = PAGES.p95_ms


def entry(name: str = "pages /", *, times: dict[str, int], failures: int = 0) -> dict[str, Any]:
    """Return a row of Locust's statistics."""
    count = sum(times.values())
    return {
        "name": name,
        "num_requests": count,
        "num_failures": failures,
        "response_times": times,
    }


def run_of(*entries: dict[str, Any], record: Record | None = None, **facts: Any) -> Run:
    """Return a run of ten people for ten seconds, who get enough done."""
    usual: dict[str, Any] = {"users": 10, "seconds": 10.0, "slack": 1.0}
    return Run(entries=entries, record=record or Record(), **{**usual, **facts})


def test_a_run_that_passes() -> None:
    run = run_of(entry(times={"20": 95, "9000": 5}))

    assert reasons(run) == []
    assert verdict(run) == "passed"
    [line] = [line for line in table(run).splitlines() if line.startswith("pages ")]
    assert line.split() == ["pages", "100", "0", "0", "20", "20", str(LIMIT)]


def test_answers_of_one_group_are_counted_together() -> None:
    rows = rows_of(
        [
            entry("order /checkout/", times={"10": 90}),
            entry("order /api/orders/", times={"10": 4, "70.0": 2}, failures=1),
            entry("order /api/orders/ refused: not_enough_stock", times={"400": 4}),
        ]
    )

    row = rows["order"]
    assert (row.requests, row.errors, row.refused) == (100, 1, 4)
    assert [row.percentile(share) for share in (0.5, 0.94, 0.96, 0.97, 1.0)] == [
        10,
        10,
        70,
        400,
        400,
    ]


def test_nobody_came() -> None:
    assert reasons(run_of())[0] == "nobody asked for anything"


def test_errors() -> None:
    failed = entry(times={"20": 100}, failures=2)
    complaint = "2 times GET pages /: 500 instead of 200"

    assert reasons(run_of(failed)) == ["there were errors"]
    assert reasons(run_of(failed, complaints=[complaint])) == [complaint]


def test_a_mistake_of_the_load_generator() -> None:
    record = Record(troubles=["KeyError('stock')"])

    assert reasons(run_of(entry(times={"20": 100}), record=record)) == [
        "the load generator itself: KeyError('stock')"
    ]


def test_an_oversell_that_the_answers_show() -> None:
    orders = {number: Acknowledged(number, "49.00", {3: 1}) for number in range(4)}
    record = Record(flash_variants=(3,), flash_stock=3, orders=orders)
    run = run_of(entry(times={"20": 100}), record=record)

    assert reasons(run) == ["oversold: 4 of the flash product were acknowledged, of 3"]
    record.canceled.add(0)
    assert reasons(run) == []


def test_what_the_database_shows() -> None:
    run = run_of(entry(times={"20": 100}), proof=["audit: stock-ledger: 1"])

    assert reasons(run) == ["audit: stock-ledger: 1"]
    assert verdict(run) == "failed:\n  audit: stock-ledger: 1"


def test_a_slow_shop() -> None:
    run = run_of(entry(times={"20": 94, f"{LIMIT + 1}": 6}))

    assert reasons(run) == [
        f"missed: pages took {LIMIT + 1} ms (p95), at most {LIMIT} ms are allowed"
    ]
    assert reasons(run_of(*run.entries, slack=1.01)) == []


def test_too_few_answers_say_nothing_of_how_slow_it_is() -> None:
    few = entry(times={"9000": FEWEST - 1})

    assert reasons(run_of(few, users=1)) == []


def test_a_shop_in_which_nothing_goes_on() -> None:
    run = run_of(entry(times={"20": 15}), entry("files /static/", times={"20": 900}))

    assert reasons(run) == [
        "missed: 1.5 pages and calls per second, at least 1.6 are wanted",
    ]


@pytest.mark.parametrize(("users", "factor"), [(1, 1), (CROWD, 1), (CROWD * 5, 5)])
def test_a_larger_crowd_may_wait_longer(users: int, factor: int) -> None:
    assert limit_ms(PAGES, users=users, slack=1.0) == PAGES.p95_ms * factor
    assert limit_ms(PAGES, users=users, slack=2.0) == PAGES.p95_ms * factor * 2


def test_a_larger_crowd_gets_no_less_done() -> None:
    crowd = least_rate(users=CROWD, slack=1.0)

    assert least_rate(users=CROWD // 2, slack=1.0) == crowd / 2
    assert least_rate(users=CROWD * 5, slack=1.0) == crowd


def test_what_a_crowd_gets_done_is_counted_as_if_all_had_been_there_from_the_start() -> None:
    entries = entry(times={"20": 100}), entry("files /static/a.css", times={"1": 900})

    assert rate(run_of(*entries)) == 10
    assert rate(run_of(*entries, seconds_to_come=4.0)) == 12.5
