"""Who has bought what: by their own orders, in whatever variant, unless they were canceled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shop.accounts.models import User
from shop.catalog.models import Variant
from shop.orders import actions, queries
from shop.orders.rules import PaymentMethod
from tests.builders import place, put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


def product_of(variant_id: int) -> int:
    return Variant.objects.get(id=variant_id).product_id


def test_who_ordered_it_has_bought_it(alice: User, bob: User) -> None:
    mug, tea = put_on_sale("mug"), put_on_sale("tea")
    place({mug: 1}, user=alice)

    product_id = product_of(mug)
    with queries_named() as names:
        assert queries.has_bought(user_id=alice.id, product_id=product_id)
    assert names == ["SELECT orders_orderline"]
    assert not queries.has_bought(user_id=alice.id, product_id=product_of(tea))
    assert not queries.has_bought(user_id=bob.id, product_id=product_of(mug))


def test_another_variant_is_the_same_product(alice: User) -> None:
    red = put_on_sale("red", product="shirt")
    blue = put_on_sale("blue", product="shirt")
    place({red: 1}, user=alice)

    assert product_of(red) == product_of(blue)
    assert queries.has_bought(user_id=alice.id, product_id=product_of(blue))


def test_what_a_guest_buys_nobody_has_bought(alice: User) -> None:
    mug = put_on_sale("mug")
    place({mug: 1})

    assert not queries.has_bought(user_id=alice.id, product_id=product_of(mug))


def test_what_was_canceled_was_not_bought(alice: User) -> None:
    mug = put_on_sale("mug")
    first = place({mug: 1}, user=alice)
    second = place({mug: 1}, user=alice)

    actions.cancel(order_ids=[first], by=None)
    assert queries.has_bought(user_id=alice.id, product_id=product_of(mug))
    actions.cancel(order_ids=[second], by=None)
    assert not queries.has_bought(user_id=alice.id, product_id=product_of(mug))


def test_what_was_completed_was_bought(alice: User) -> None:
    mug = put_on_sale("mug")
    actions.settle(order_ids=[place({mug: 1}, user=alice)], by=None)

    assert queries.has_bought(user_id=alice.id, product_id=product_of(mug))


def test_what_was_never_paid_was_not_bought(alice: User) -> None:
    mug = put_on_sale("mug")
    place({mug: 1}, user=alice, payment=PaymentMethod.BANK_TRANSFER)
    assert queries.has_bought(user_id=alice.id, product_id=product_of(mug))

    actions.expire_unpaid(now=timezone.now() + timedelta(days=365))

    assert not queries.has_bought(user_id=alice.id, product_id=product_of(mug))
