"""How checkouts end, counted for whoever watches the shop: once each and after the commit."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shop.checkout.actions.writing import Candidate
from shop.checkout.rules import Outcome, Placed, Refused
from shop.inventory.errors import NotEnoughStock
from shop.lib import metrics
from shop.orders.rules import PaymentMethod

_PLACED = metrics.counter("novashop_orders_placed", "Orders placed.", ["payment"])
# Told from the start, so that the first one shows as a rise.
for _method in (PaymentMethod.ON_DELIVERY, PaymentMethod.BANK_TRANSFER):
    _PLACED.labels(_method.value)
_CONFLICTS = metrics.counter(
    "novashop_stock_conflicts", "Checkouts for which there was too little on the locked shelf."
)

_SECONDS = metrics.histogram(
    "novashop_order_transaction_seconds",
    "How long transactions that place orders took.",
    buckets=(0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.25, 0.5, 1, 5),
)
_TOGETHER = metrics.histogram(
    "novashop_orders_together",
    "How many drafts a transaction was begun for.",
    buckets=(1, 2, 4, 8, 16, 32, 64),
)


@contextmanager
def transaction_of(batch: Sequence[Candidate]) -> Iterator[None]:
    """Note how long the block takes, which is the transaction of this batch."""
    _TOGETHER.observe(len(batch))
    began = time.perf_counter()
    try:
        yield
    finally:
        _SECONDS.observe(time.perf_counter() - began)


def count(batch: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
    """Count what became of a batch. An answer that is given once more is no order more.

    Nor are agreed lines: what the demo, an import or a replay brings in nobody has bought here.
    """
    for candidate, outcome in zip(batch, outcomes, strict=True):
        if candidate.draft.cart_id is None:
            continue
        if isinstance(outcome, Placed):
            _PLACED.labels(candidate.draft.payment_method).inc()
        elif isinstance(outcome, Refused) and isinstance(outcome.refusal, NotEnoughStock):
            _CONFLICTS.inc()
