"""How checkouts end, counted for whoever watches the shop: once each and after the commit."""

from collections.abc import Sequence

from shop.checkout.actions.writing import Candidate
from shop.checkout.rules import Outcome, Placed, Refused
from shop.inventory.errors import NotEnoughStock
from shop.lib import metrics

_PLACED = metrics.counter("novashop_orders_placed", "Orders placed.", ["payment"])
_CONFLICTS = metrics.counter(
    "novashop_stock_conflicts", "Checkouts for which there was too little on the locked shelf."
)


def count(batch: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
    """Count what became of a batch. An answer that is given once more is no order more."""
    for candidate, outcome in zip(batch, outcomes, strict=True):
        if isinstance(outcome, Placed):
            _PLACED.labels(candidate.draft.payment_method).inc()
        elif isinstance(outcome, Refused) and isinstance(outcome.refusal, NotEnoughStock):
            _CONFLICTS.inc()
