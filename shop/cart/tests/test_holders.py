"""Whose carts somebody may change: verbs that are told who asks."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shop.cart import actions as carts
from shop.cart.errors import UnknownCart
from shop.cart.models import Cart, CartLine
from shop.cart.rules import ANYBODY, Holder
from tests.builders import fill_cart, put_on_sale


def change_all_ways(cart_id: UUID, variant_id: int, *, holder: Holder) -> list[str]:
    """Try every verb on a cart; return those that went through."""
    line_id = CartLine.objects.filter(cart_id=cart_id).values_list("id", flat=True).first() or 0
    verbs: dict[str, dict[str, Any]] = {
        "add": {"variant_id": variant_id, "quantity": 1},
        "change": {"line_id": line_id, "quantity": 5},
        "remove": {"line_id": line_id},
        "discard": {},
    }
    done = []
    for verb, arguments in verbs.items():
        try:
            getattr(carts, verb)(cart_id=cart_id, holder=holder, **arguments)
        except UnknownCart:
            continue
        done.append(verb)
    return done


def test_an_owners_cart_is_changed_by_its_owner_alone(alice: Any, bob: Any) -> None:
    mug = put_on_sale()
    cart_id = fill_cart({mug: 2}, user=alice)
    for other in (bob.id, None):
        assert change_all_ways(cart_id, mug, holder=other) == []
    assert CartLine.objects.get().quantity == 2
    assert change_all_ways(cart_id, mug, holder=alice.id) == ["add", "change", "remove", "discard"]
    assert not Cart.objects.exists()


@pytest.mark.parametrize("who", ["alice", "a guest", "anybody"])
def test_a_guests_cart_is_changed_by_whoever_holds_its_id(alice: Any, who: str) -> None:
    mug = put_on_sale()
    cart_id = fill_cart({mug: 2})
    holder: Holder = {"alice": alice.id, "a guest": None, "anybody": ANYBODY}[who]
    assert change_all_ways(cart_id, mug, holder=holder) == ["add", "change", "remove", "discard"]


def test_a_cart_that_is_not_there_is_nobodys(db: None) -> None:
    assert change_all_ways(uuid4(), 1, holder=ANYBODY) == []
