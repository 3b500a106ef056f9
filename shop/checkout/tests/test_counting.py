"""Orders and stock conflicts are counted where they happen, once each."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from shop.checkout.actions import commit_orders, place_order
from shop.checkout.errors import StockChanged
from shop.checkout.rules import AgreedLine, Buyer, Draft, Placed, Refused, Replayed
from shop.lib import metrics
from shop.orders.rules import PaymentMethod, PostalAddress
from tests.builders import draft_of, fill_cart, put_on_sale
from tests.counts import count_of

pytestmark = pytest.mark.django_db

COUNTS = {
    "on_delivery": ("novashop_orders_placed_total", {"payment": "on_delivery"}),
    "bank_transfer": ("novashop_orders_placed_total", {"payment": "bank_transfer"}),
    "conflicts": ("novashop_stock_conflicts_total", {}),
}


def counts() -> dict[str, float]:
    return {word: count_of(name, **labels) for word, (name, labels) in COUNTS.items()}


@contextmanager
def counting(**expected: int) -> Iterator[None]:
    """Expect that the block counts so many more of these, and nothing else."""
    before = counts()
    yield
    more = {word: count - before[word] for word, count in counts().items()}
    assert {word: count for word, count in more.items() if count} == expected


def test_an_order_counts_by_how_it_is_paid() -> None:
    mug = put_on_sale()
    transfer = PaymentMethod.BANK_TRANSFER
    with counting(on_delivery=1):
        place_order(draft=draft_of(fill_cart({mug: 1})))
    with counting(bank_transfer=1):
        place_order(draft=draft_of(fill_cart({mug: 1}), payment=transfer))


def test_an_answer_given_again_is_no_order_more() -> None:
    draft = draft_of(fill_cart({put_on_sale(): 1}), key="once")
    twin = draft_of(fill_cart({put_on_sale(): 1}), key="twice")
    with counting(on_delivery=2):
        place_order(draft=draft)
        assert isinstance(place_order(draft=draft), Replayed)
        kinds = [type(outcome) for outcome in commit_orders(drafts=[twin, twin])]
    assert kinds == [Placed, Replayed]


@pytest.mark.parametrize("quantity", [1, 1000])
def test_what_was_agreed_elsewhere_is_no_trade_of_this_shop(quantity: int) -> None:
    """The demo's orders, imports and replays: neither orders nor conflicts of visitors."""
    draft = Draft(
        buyer=Buyer(email="", address=PostalAddress()),
        payment_method=PaymentMethod.ON_DELIVERY,
        origin=f"demo:{quantity}",
        lines=(AgreedLine(put_on_sale(stock=3), quantity, Decimal("5.00")),),
    )

    with counting():
        (outcome,) = commit_orders(drafts=[draft])

    assert isinstance(outcome, Placed if quantity == 1 else Refused)


def test_both_ways_to_pay_are_told_before_anybody_has_ordered() -> None:
    """So that the first order after a start shows as a rise."""
    told = {
        sample.labels["payment"]
        for metric in metrics.counted()
        for sample in metric.samples
        if sample.name == "novashop_orders_placed_total"
    }
    assert told >= {"on_delivery", "bank_transfer"}


def test_too_little_on_the_shelf_is_a_conflict_and_no_order() -> None:
    mug = put_on_sale(stock=3)
    drafts = [draft_of(fill_cart({mug: 2})) for _ in range(3)]

    with counting(on_delivery=1, conflicts=2):
        outcomes = commit_orders(drafts=drafts)

    refusals = [outcome.refusal for outcome in outcomes if isinstance(outcome, Refused)]
    assert [type(refusal) for refusal in refusals] == [StockChanged, StockChanged]


def test_what_is_refused_for_another_reason_is_no_conflict() -> None:
    draft = draft_of(fill_cart({put_on_sale(): 1}), expected_total="0.01")

    with counting():
        (outcome,) = commit_orders(drafts=[draft])

    assert isinstance(outcome, Refused)


def test_what_was_rolled_back_was_never_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(**_: object) -> None:
        raise RuntimeError("the power fails before the commit")

    monkeypatch.setattr("shop.checkout.actions.writing.carts.close", break_down)

    with counting():
        (outcome,) = commit_orders(drafts=[draft_of(fill_cart({put_on_sale(): 1}))])

    assert isinstance(outcome, Refused)
    assert outcome.refusal.code == "checkout_failed"
