"""A hundred purchases by one customer at once, of whom each can have two; the twin has no lock.

SQLite lets one transaction write at a time, so that nobody can race there: the twins, which need
two that overlap, run on the servers.
"""

from typing import Any

import pytest

from shop.cart.models import Cart
from shop.catalog.models import Product
from shop.checkout.actions import allowances, place_order
from shop.checkout.models import Allowance, AllowanceUse
from shop.checkout.rules import customers_of
from tests.builders import breaches, draft_of, fill_cart, limit_purchases, put_on_sale, stock_of
from tests.races.racing import meet_after, outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

# So often a twin may play before it counts as one that cannot lose.
ATTEMPTS = 10


@pytest.fixture
def mug() -> int:
    mug = put_on_sale("mug", stock=1_000)
    limit_purchases(mug, customer_limit=2)
    return mug


def order_at_once(carts: list[Any]) -> list[Any]:
    return race(*(lambda id_=id_: place_order(draft=draft_of(id_, key="k")) for id_ in carts))


def test_of_a_hundred_purchases_at_once_the_limit_is_placed(mug: int) -> None:
    carts = [fill_cart({mug: 1}) for _ in range(100)]

    results = [result for n in range(0, 100, 20) for result in order_at_once(carts[n : n + 20])]

    assert outcomes(results) == {"Placed": 2, "OverCustomerLimit": 98}
    assert stock_of(mug) == (1_000, 2)
    # By e-mail and by postal address.
    assert Allowance.objects.count() == 2
    assert AllowanceUse.objects.count() == 4
    assert Cart.objects.filter(ordered_at__isnull=True).count() == 98
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_the_allowances_lock_the_limit_is_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(ATTEMPTS):
        mug = put_on_sale(f"mug-{number}", stock=1_000)
        limit_purchases(mug, customer_limit=2)
        with monkeypatch.context() as patch:
            results = _order_unlocked(mug, patch)
        # Where the database has made one of them begin again, that one sees what the other has.
        if outcomes(results) == {"Placed": 2}:
            assert stock_of(mug) == (1_000, 4)
            return
    pytest.fail("nobody has got more than the limit allows")


def _order_unlocked(mug: int, patch: pytest.MonkeyPatch) -> list[Any]:
    carts = [fill_cart({mug: 2}) for _ in range(2)]
    Allowance.objects.bulk_create(
        Allowance(product_id=product_id, customer=customer)
        for product_id, customer in _keys(mug, carts[0])
    )
    patch.setattr(allowances, "_claim", lambda _keys: None)
    patch.setattr(allowances, "_read", meet_after(allowances._read, parties=2))
    return order_at_once(carts)


def _keys(mug: int, cart_id: Any) -> list[tuple[int, str]]:
    """Return what a purchase of the cart would claim."""
    product = Product.objects.get(variants__id=mug)
    return [(product.id, customer) for customer in customers_of(draft_of(cart_id).buyer)]


def test_purchases_of_many_products_do_not_deadlock() -> None:
    """They claim the same rows, in one order whatever the order of their lines."""
    variants = [put_on_sale(f"mug{number}", stock=100) for number in range(4)]
    for variant in variants:
        limit_purchases(variant, customer_limit=50)
    carts = [
        fill_cart(dict.fromkeys(variants if number % 2 else reversed(variants), 1))
        for number in range(12)
    ]

    results = order_at_once(carts)

    assert outcomes(results) == {"Placed": 12}
    assert [stock_of(variant) for variant in variants] == [(100, 12)] * 4
    assert breaches() == []
