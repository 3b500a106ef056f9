"""A cart that nobody comes back to is told of once, until somebody touches it again."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from shop.cart import actions
from shop.cart.models import Cart
from shop.cart.tasks import ABANDONED_AFTER, tell_abandoned_carts
from shop.events.models import Event
from tests.builders import fill_cart, place, put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def mug() -> int:
    return put_on_sale("mug", stock=1000)


def told() -> list[Any]:
    news = Event.objects.filter(name="cart.abandoned").order_by("id")
    return list(news.values_list("subject", "payload"))


def test_after_a_day_and_only_once(mug: int, alice: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        of_alice, of_a_guest = fill_cart({mug: 1}, user=alice), fill_cart({mug: 2})
        clock.shift(ABANDONED_AFTER - SECOND)
        tell_abandoned_carts()
        assert told() == []
        clock.shift(SECOND)
        tell_abandoned_carts()
        tell_abandoned_carts()

        expected = [
            (f"cart:{cart_id}", {"cart_id": str(cart_id), "user_id": user_id})
            for cart_id, user_id in ((of_alice, alice.id), (of_a_guest, None))
        ]
        assert sorted(told(), key=str) == sorted(expected, key=str)

        # Somebody comes back, and goes again.
        actions.add(cart_id=of_alice, variant_id=mug, quantity=1)
        clock.shift(ABANDONED_AFTER)
        tell_abandoned_carts()
        assert [subject for subject, _ in told()].count(f"cart:{of_alice}") == 2


def test_what_is_ordered_or_empty_is_not_abandoned(mug: int) -> None:
    place({mug: 1})
    emptied = fill_cart({mug: 1})
    line = Cart.objects.get(id=emptied).lines.get()
    actions.remove(cart_id=emptied, line_id=line.id)
    actions.open_cart(user_id=None)

    actions.tell_abandoned(idle_since=timezone.now() + SECOND)

    assert told() == []
    assert not Cart.objects.filter(idle_since__isnull=False).exists()


def test_many_cost_as_many_queries_as_one(mug: int) -> None:
    counts = []
    for many in (1, 60):
        for _ in range(many):
            fill_cart({mug: 1})
        with queries_named() as names:
            assert actions.tell_abandoned(idle_since=timezone.now() + SECOND) == many
        counts.append(names)

    assert counts[0] == counts[1]
    assert counts[0] == [
        "SELECT cart_cart",
        "SELECT cart_cartline",
        "UPDATE cart_cart",
        "INSERT events_event",
        # Is there another one?
        "SELECT cart_cart",
    ]
