"""How checkouts end, counted for whoever watches the shop: once each and after the commit."""

from collections.abc import Sequence

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
