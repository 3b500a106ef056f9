"""How much of a hot product one order can have, as the cart sees to it."""

from typing import Any

import pytest
from django.conf import settings

from shop.cart import actions, queries
from shop.cart.errors import OverOrderLimit
from shop.cart.models import CartLine
from shop.cart.tests.carts import lines_of
from shop.pricing.rules import Terms
from tests.builders import fill_cart, limit_purchases, put_on_sale

pytestmark = pytest.mark.django_db

TERMS = Terms(currency=settings.CURRENCY)


@pytest.fixture
def shirts() -> tuple[int, int]:
    """Return two sizes of a shirt, of which an order can have three together."""
    sizes = [
        put_on_sale(f"shirt-{size}", name="Shirt", product="shirt", options=(("Size", size),))
        for size in ("s", "l")
    ]
    limit_purchases(sizes[0], order_limit=3)
    return sizes[0], sizes[1]


def line_of(variant_id: int) -> int:
    return CartLine.objects.get(variant_id=variant_id).id


def test_a_cart_takes_no_more_than_an_order_can_have(shirts: tuple[int, int]) -> None:
    small, large = shirts
    cart_id = fill_cart({small: 1, large: 1})

    with pytest.raises(OverOrderLimit) as caught:
        actions.add(cart_id=cart_id, variant_id=small, quantity=2)
    assert caught.value.data == {"name": "Shirt", "limit": 3, "wanted": 4}
    with pytest.raises(OverOrderLimit):
        actions.change(cart_id=cart_id, line_id=line_of(large), quantity=3)

    assert lines_of(cart_id) == {"shirt-s": 1, "shirt-l": 1}
    actions.add(cart_id=cart_id, variant_id=small, quantity=1)
    assert lines_of(cart_id) == {"shirt-s": 2, "shirt-l": 1}


def test_nor_more_than_a_customer_can_have() -> None:
    mug = put_on_sale("mug")
    limit_purchases(mug, order_limit=5, customer_limit=2)

    with pytest.raises(OverOrderLimit):
        fill_cart({mug: 3})


def test_what_came_to_be_too_much_is_marked_and_can_become_less(
    shirts: tuple[int, int], alice: Any
) -> None:
    small, large = shirts
    guests = fill_cart({small: 2, large: 1})
    own = fill_cart({small: 3}, user=alice)

    actions.merge(cart_id=guests, user_id=alice.id)

    cart = queries.priced(own, terms=TERMS)
    assert [(line.is_over_limit, line.can_be_had) for line in cart.lines] == [(True, False)] * 2
    assert not cart.can_be_ordered

    actions.change(cart_id=own, line_id=line_of(small), quantity=4)
    actions.change(cart_id=own, line_id=line_of(small), quantity=2)

    assert queries.priced(own, terms=TERMS).can_be_ordered
