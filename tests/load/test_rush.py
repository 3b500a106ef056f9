"""What a rush reads from the metrics of a shop."""

from load import rush
from load.transactions import quantiles, transactions_in

METRICS = """
novashop_order_transaction_seconds_bucket{le="0.025"} 10
novashop_order_transaction_seconds_bucket{le="0.1"} 90
novashop_order_transaction_seconds_bucket{le="+Inf"} 100
novashop_process_resident_bytes{process="order-1"} 1000000
novashop_process_resident_bytes{process="order-2"} 2000000
novashop_process_resident_bytes{process="app-1"} 5000000
"""


def test_the_transactions_and_memory_of_the_order_lane_are_read() -> None:
    assert transactions_in(METRICS) == {0.025: 10.0, 0.1: 90.0, float("inf"): 100.0}
    assert rush.memory_in(METRICS) == 3_000_000.0


def test_quantiles_are_of_what_was_added_in_between() -> None:
    before = {0.025: 10.0, 0.1: 10.0, float("inf"): 10.0}
    after = {0.025: 60.0, 0.1: 108.0, float("inf"): 110.0}
    assert quantiles(before, after) == {"p50": 0.025, "p99": float("inf")}
    assert quantiles({}, {0.025: 99.0, 0.1: 100.0}) == {"p50": 0.025, "p99": 0.025}


def test_where_nothing_happened_there_are_no_quantiles() -> None:
    assert quantiles({0.1: 5.0}, {0.1: 5.0}) == {}
    assert quantiles({}, {}) == {}
