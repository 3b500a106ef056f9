"""The life of an order: every state, every verb, and what comes of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from shop.lib.refusals import Refusal
from shop.orders import errors, rules
from shop.orders.rules import (
    METHODS_FOR_BUYERS,
    FulfilmentState,
    OrderState,
    OrderStatus,
    PaymentMethod,
    PaymentState,
    expiry,
)

pytestmark = pytest.mark.once

Step = Callable[[OrderState], OrderState]

VERBS: dict[str, Step] = {
    "mark_paid": rules.mark_paid,
    "ship": rules.ship,
    "complete": rules.complete,
    "cancel": rules.cancel,
    "refund": rules.refund,
}
# What leads where, or by which name it is refused. Every order is in one of these states.
LIFE = {
    "Pending, Unpaid, Unshipped": {
        "mark_paid": "Pending, Paid, Unshipped",
        # Whoever pays on delivery gets the goods first; everybody else pays first.
        "ship": "Pending, Unpaid, Shipped | OrderIsUnpaid",
        "complete": "OrderIsUnpaid",
        "cancel": "Canceled, Unpaid, Unshipped",
        "refund": "OrderOwesNothing",
    },
    "Pending, Paid, Unshipped": {
        "mark_paid": "OrderIsPaid",
        "ship": "Pending, Paid, Shipped",
        "complete": "OrderIsUnshipped",
        "cancel": "Canceled, Refund due, Unshipped",
        "refund": "OrderOwesNothing",
    },
    "Pending, Unpaid, Shipped": {
        "mark_paid": "Pending, Paid, Shipped",
        "ship": "OrderIsShipped",
        "complete": "OrderIsUnpaid",
        "cancel": "OrderIsShipped",
        "refund": "OrderOwesNothing",
    },
    "Pending, Paid, Shipped": {
        "mark_paid": "OrderIsPaid",
        "ship": "OrderIsShipped",
        "complete": "Completed, Paid, Shipped",
        "cancel": "OrderIsShipped",
        "refund": "OrderOwesNothing",
    },
    "Completed, Paid, Shipped": {
        "mark_paid": "OrderIsPaid",
        "ship": "OrderIsShipped",
        "complete": "OrderIsCompleted",
        "cancel": "OrderIsCompleted",
        "refund": "OrderOwesNothing",
    },
    "Canceled, Unpaid, Unshipped": dict.fromkeys(VERBS, "OrderIsCanceled")
    | {"refund": "OrderOwesNothing"},
    "Canceled, Refund due, Unshipped": dict.fromkeys(VERBS, "OrderIsCanceled")
    | {"refund": "Canceled, Refunded, Unshipped"},
    "Canceled, Refunded, Unshipped": dict.fromkeys(VERBS, "OrderIsCanceled")
    | {"refund": "OrderOwesNothing"},
}


def state(words: str, method: PaymentMethod) -> OrderState:
    status, payment, fulfilment = words.split(", ")
    return OrderState(
        number="A1",
        method=method,
        status=OrderStatus(status),
        payment=PaymentState(payment),
        fulfilment=FulfilmentState(fulfilment),
    )


def words(after: OrderState) -> str:
    return f"{after.status}, {after.payment}, {after.fulfilment}"


def expected(before: str, verb: str, method: PaymentMethod) -> str:
    """Return what the table says."""
    on_delivery, _, otherwise = LIFE[before][verb].partition(" | ")
    return on_delivery if method is PaymentMethod.ON_DELIVERY else otherwise or on_delivery


@pytest.mark.parametrize("method", PaymentMethod)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("before", LIFE)
def test_every_verb_in_every_state(before: str, verb: str, method: PaymentMethod) -> None:
    then = expected(before, verb, method)

    if then in LIFE:
        assert VERBS[verb](state(before, method)) == state(then, method)
    else:
        with pytest.raises(getattr(errors, then)) as caught:
            VERBS[verb](state(before, method))
        assert caught.value.data == {"number": "A1"}


@pytest.mark.parametrize("method", PaymentMethod)
def test_no_order_gets_into_a_state_that_is_not_in_the_table(method: PaymentMethod) -> None:
    reached = {"Pending, Unpaid, Unshipped"}
    new = set(reached)
    while new:
        after = set()
        for before, step in product(new, VERBS.values()):
            try:
                after.add(words(step(state(before, method))))
            except Refusal:
                continue
        new = after - reached
        reached |= new

    impossible = set() if method is PaymentMethod.ON_DELIVERY else {"Pending, Unpaid, Shipped"}
    assert reached == set(LIFE) - impossible


@pytest.mark.parametrize("verb", ["mark_paid", "ship", "complete", "cancel"])
@pytest.mark.parametrize("payment", PaymentState)
@pytest.mark.parametrize("fulfilment", FulfilmentState)
def test_whatever_else_it_is_a_canceled_order_stays_canceled(
    verb: str, payment: PaymentState, fulfilment: FulfilmentState
) -> None:
    canceled = state(f"Canceled, {payment}, {fulfilment}", PaymentMethod.ON_DELIVERY)

    with pytest.raises(errors.OrderIsCanceled):
        VERBS[verb](canceled)


@pytest.mark.parametrize("verb", ["complete", "cancel"])
@pytest.mark.parametrize("payment", PaymentState)
@pytest.mark.parametrize("fulfilment", FulfilmentState)
def test_whatever_else_it_is_a_completed_order_stays_completed(
    verb: str, payment: PaymentState, fulfilment: FulfilmentState
) -> None:
    completed = state(f"Completed, {payment}, {fulfilment}", PaymentMethod.ON_DELIVERY)

    with pytest.raises(errors.OrderIsCompleted):
        VERBS[verb](completed)


@pytest.mark.parametrize(
    ("method", "waits"),
    [
        (PaymentMethod.ON_DELIVERY, False),
        (PaymentMethod.BANK_TRANSFER, True),
        (PaymentMethod.ELSEWHERE, False),
    ],
)
def test_only_a_bank_transfer_is_waited_for(method: PaymentMethod, waits: bool) -> None:
    placed_at = datetime(2030, 5, 4, 12, tzinfo=UTC)

    until = expiry(method, placed_at=placed_at, payment_wait=timedelta(days=7))

    assert until == (datetime(2030, 5, 11, 12, tzinfo=UTC) if waits else None)


def test_buyers_choose_among_the_ways_that_need_no_import() -> None:
    assert set(METHODS_FOR_BUYERS) == set(PaymentMethod) - {PaymentMethod.ELSEWHERE}
    assert [method.label for method in PaymentMethod] == [
        "On delivery",
        "Bank transfer",
        "Elsewhere",
    ]


def test_the_words_of_the_contract() -> None:
    """Clients and reports compare them as they are."""
    assert [status.value for status in OrderStatus] == ["Pending", "Completed", "Canceled"]
