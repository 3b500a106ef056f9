"""Filling a cart, changing it and taking things out; what cannot be bought never gets in."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from shop.accounts.models import User
from shop.cart import actions
from shop.cart.errors import (
    CartIsFull,
    CartIsOrdered,
    InvalidQuantity,
    NotForSale,
    UnknownCart,
    UnknownLine,
)
from shop.cart.models import Cart, CartLine
from shop.cart.rules import LARGEST_QUANTITY, MOST_LINES
from shop.cart.tests.carts import everything, line_of, lines_of, version_of
from shop.catalog import actions as catalog
from shop.catalog import queries as catalog_queries
from shop.catalog.models import Product, Variant
from shop.catalog.rules import ProductRow
from shop.inventory import actions as inventory
from shop.inventory.errors import NotEnoughStock
from shop.inventory.models import StockLevel, StockLocation
from shop.lib.refusals import Refusal
from tests.builders import fill_cart, place, put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

IMPOSSIBLE_QUANTITIES = [0, -1, -(10**9), LARGEST_QUANTITY + 1, 10**9, 10**30]


def assert_refused(verb: Callable[[], Any], refusal: type[Refusal], **data: object) -> None:
    """The verb is refused for this reason, with these data, and no cart changes."""
    before = everything()
    with pytest.raises(refusal) as caught:
        verb()
    assert caught.value.data == data
    assert everything() == before


def ordered_cart(lines: dict[int, int]) -> UUID:
    """Return a cart that has become an order, as far as carts know."""
    cart_id = fill_cart(lines)
    with transaction.atomic():
        actions.close(cart_ids=[cart_id], at=timezone.now())
    return cart_id


# --- Put in ---------------------------------------------------------------------------------------


def test_what_was_put_in_is_in_it() -> None:
    mug, tea = put_on_sale("mug"), put_on_sale("tea")
    cart_id = actions.open_cart(user_id=None)
    noon = datetime(2030, 5, 4, 12, tzinfo=UTC)

    actions.add(cart_id=cart_id, variant_id=mug, quantity=2)
    with time_machine.travel(noon, tick=False):
        actions.add(cart_id=cart_id, variant_id=tea, quantity=1)

    assert lines_of(cart_id) == {"mug": 2, "tea": 1}
    assert version_of(cart_id) == 2
    assert Cart.objects.get(id=cart_id).updated_at == noon


def test_more_of_the_same_is_the_same_line() -> None:
    mug = put_on_sale("mug", stock=10)
    cart_id = fill_cart({mug: 2})
    line_id = line_of(cart_id, mug)

    actions.add(cart_id=cart_id, variant_id=mug, quantity=8)

    assert lines_of(cart_id) == {"mug": 10}
    assert line_of(cart_id, mug) == line_id
    assert version_of(cart_id) == 2


def test_a_cart_promises_nothing() -> None:
    """Two carts may hold the last unit; whoever orders first gets it."""
    mug = put_on_sale("mug", stock=1)

    carts = [fill_cart({mug: 1}) for _ in range(2)]

    assert [lines_of(cart_id) for cart_id in carts] == [{"mug": 1}, {"mug": 1}]
    assert StockLevel.objects.get().promised == 0


def test_each_cart_has_its_own_lines(alice: User, bob: User) -> None:
    mug = put_on_sale("mug")
    alices, bobs = fill_cart({mug: 2}, user=alice), fill_cart({mug: 3}, user=bob)
    before = Cart.objects.values().get(id=bobs)

    actions.add(cart_id=alices, variant_id=mug, quantity=1)
    actions.change(cart_id=alices, line_id=line_of(alices, mug), quantity=7)
    assert (lines_of(alices), lines_of(bobs)) == ({"mug": 7}, {"mug": 3})
    actions.remove(cart_id=alices, line_id=line_of(alices, mug))

    assert (lines_of(alices), lines_of(bobs)) == ({}, {"mug": 3})
    assert Cart.objects.values().get(id=bobs) == before


@pytest.mark.parametrize("quantity", IMPOSSIBLE_QUANTITIES)
def test_quantities_nobody_can_buy(quantity: int) -> None:
    mug = put_on_sale("mug", stock=2 * 10**9)
    for cart_id in (fill_cart({}), fill_cart({mug: 1})):
        assert_refused(
            partial(actions.add, cart_id=cart_id, variant_id=mug, quantity=quantity),
            InvalidQuantity,
            quantity=quantity,
            limit=100_000,
            in_cart=0,
        )


def test_the_largest_quantity_is_of_the_line() -> None:
    mug = put_on_sale("mug", stock=10**6)
    cart_id = fill_cart({mug: LARGEST_QUANTITY - 1})

    actions.add(cart_id=cart_id, variant_id=mug, quantity=1)

    assert lines_of(cart_id) == {"mug": 100_000}
    assert_refused(
        lambda: actions.add(cart_id=cart_id, variant_id=mug, quantity=1),
        InvalidQuantity,
        quantity=100_001,
        limit=100_000,
        in_cart=100_000,
    )


def test_more_than_there_is() -> None:
    mug = put_on_sale("mug", stock=5)
    cart_id = fill_cart({mug: 3})

    assert_refused(
        lambda: actions.add(cart_id=cart_id, variant_id=mug, quantity=3),
        NotEnoughStock,
        sku="mug",
        variant_id=mug,
        wanted=6,
        available=5,
        name="Mug",
    )
    actions.add(cart_id=cart_id, variant_id=mug, quantity=2)

    assert lines_of(cart_id) == {"mug": 5}


def test_what_others_were_promised_is_not_there() -> None:
    mug = put_on_sale("mug", stock=5)
    place({mug: 4})
    cart_id = fill_cart({mug: 1})

    assert_refused(
        lambda: actions.add(cart_id=cart_id, variant_id=mug, quantity=1),
        NotEnoughStock,
        sku="mug",
        variant_id=mug,
        wanted=2,
        available=1,
        name="Mug",
    )


def test_what_lies_where_nothing_is_sold_is_not_there() -> None:
    mug = put_on_sale("mug", stock=5)
    StockLocation.objects.update(is_active=False)
    cart_id = fill_cart({})

    assert_refused(
        lambda: actions.add(cart_id=cart_id, variant_id=mug, quantity=1),
        NotEnoughStock,
        sku="mug",
        variant_id=mug,
        wanted=1,
        available=0,
        name="Mug",
    )


@pytest.mark.parametrize("hidden", [Product, Variant])
def test_what_is_not_published(hidden: type[Product] | type[Variant]) -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})
    hidden._default_manager.update(is_published=False)

    for verb in (
        lambda: actions.add(cart_id=cart_id, variant_id=mug, quantity=1),
        lambda: actions.change(cart_id=cart_id, line_id=line_of(cart_id, mug), quantity=1),
    ):
        assert_refused(verb, NotForSale, name="Mug")
    # It can still be taken out.
    actions.remove(cart_id=cart_id, line_id=line_of(cart_id, mug))


def test_an_unknown_variant() -> None:
    cart_id = fill_cart({})

    assert_refused(
        lambda: actions.add(cart_id=cart_id, variant_id=999_999, quantity=1), NotForSale, name=""
    )


# --- Changed and taken out ------------------------------------------------------------------------


def test_a_changed_line_has_the_new_quantity() -> None:
    mug, tea = put_on_sale("mug", stock=10), put_on_sale("tea")
    cart_id = fill_cart({mug: 2, tea: 1})

    for quantity in (10, 1, 1):
        actions.change(cart_id=cart_id, line_id=line_of(cart_id, mug), quantity=quantity)
        assert lines_of(cart_id) == {"mug": quantity, "tea": 1}

    # Two put in, three changes, even of one to one.
    assert version_of(cart_id) == 5


@pytest.mark.parametrize("quantity", IMPOSSIBLE_QUANTITIES)
def test_lines_cannot_be_changed_to_quantities_nobody_can_buy(quantity: int) -> None:
    mug = put_on_sale("mug", stock=2 * 10**9)
    cart_id = fill_cart({mug: 1})

    assert_refused(
        lambda: actions.change(cart_id=cart_id, line_id=line_of(cart_id, mug), quantity=quantity),
        InvalidQuantity,
        quantity=quantity,
        limit=100_000,
        in_cart=0,
    )


def test_lines_cannot_be_changed_to_more_than_there_is() -> None:
    mug = put_on_sale("mug", stock=5)
    cart_id = fill_cart({mug: 3})

    assert_refused(
        lambda: actions.change(cart_id=cart_id, line_id=line_of(cart_id, mug), quantity=6),
        NotEnoughStock,
        sku="mug",
        variant_id=mug,
        wanted=6,
        available=5,
        name="Mug",
    )


def test_a_line_taken_out_is_gone() -> None:
    mug, tea = put_on_sale("mug"), put_on_sale("tea")
    cart_id = fill_cart({mug: 2, tea: 1})
    line_id = line_of(cart_id, mug)

    actions.remove(cart_id=cart_id, line_id=line_id)

    assert lines_of(cart_id) == {"tea": 1}
    assert version_of(cart_id) == 3
    assert_refused(
        lambda: actions.remove(cart_id=cart_id, line_id=line_id), UnknownLine, line_id=line_id
    )


def test_lines_of_other_carts_are_unknown(alice: User, bob: User) -> None:
    mug = put_on_sale("mug")
    alices, bobs = fill_cart({mug: 2}, user=alice), fill_cart({mug: 3}, user=bob)

    for line_id in (line_of(bobs, mug), 999_999, 0, -1, 10**30):
        assert_refused(
            partial(actions.change, cart_id=alices, line_id=line_id, quantity=1),
            UnknownLine,
            line_id=line_id,
        )
        assert_refused(
            partial(actions.remove, cart_id=alices, line_id=line_id), UnknownLine, line_id=line_id
        )


# --- Whatever is done -----------------------------------------------------------------------------

VERBS: list[Callable[[UUID, int, int], None]] = [
    lambda cart_id, mug, _: actions.add(cart_id=cart_id, variant_id=mug, quantity=1),
    lambda cart_id, _, line: actions.change(cart_id=cart_id, line_id=line, quantity=2),
    lambda cart_id, _, line: actions.remove(cart_id=cart_id, line_id=line),
]
every_verb = pytest.mark.parametrize("verb", VERBS, ids=["add", "change", "remove"])


@every_verb
def test_an_unknown_cart(verb: Callable[[UUID, int, int], None]) -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})
    line_id = line_of(cart_id, mug)

    assert_refused(lambda: verb(uuid4(), mug, line_id), UnknownCart)


@every_verb
def test_an_ordered_cart_does_not_change(verb: Callable[[UUID, int, int], None]) -> None:
    mug = put_on_sale("mug")
    cart_id = ordered_cart({mug: 1})
    line_id = line_of(cart_id, mug)

    assert_refused(lambda: verb(cart_id, mug, line_id), CartIsOrdered)


@every_verb
def test_every_verb_has_a_transaction_of_its_own(verb: Callable[[UUID, int, int], None]) -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})
    line_id = line_of(cart_id, mug)

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        verb(cart_id, mug, line_id)


@pytest.fixture
def many_variants() -> list[int]:
    """Return one more variant than a cart has room for, all of them in stock."""
    skus = [f"sku-{number:03}" for number in range(MOST_LINES + 1)]
    catalog.put_products(rows=[ProductRow(sku=sku, name=sku, price=Decimal(1)) for sku in skus])
    variant_ids = sorted(catalog_queries.variant_ids_by_sku(skus).values())
    inventory.add_location(code="main", name="Main")
    inventory.receive(
        units=dict.fromkeys(variant_ids, 9), location_code="main", reference="delivery 1"
    )
    return variant_ids


def put_in_at_once(cart_id: UUID, variant_ids: list[int]) -> None:
    CartLine.objects.bulk_create(
        CartLine(cart_id=cart_id, variant_id=variant_id, quantity=1) for variant_id in variant_ids
    )


def test_a_cart_has_room_for_so_many_different_things(many_variants: list[int]) -> None:
    first, *others, last = many_variants
    cart_id = fill_cart({})
    put_in_at_once(cart_id, [first, *others[:-1]])

    actions.add(cart_id=cart_id, variant_id=others[-1], quantity=1)

    assert len(lines_of(cart_id)) == 200
    assert_refused(
        lambda: actions.add(cart_id=cart_id, variant_id=last, quantity=1), CartIsFull, limit=200
    )
    # For more of what is in it there is always room, and for something else when one is gone.
    actions.add(cart_id=cart_id, variant_id=first, quantity=8)
    actions.remove(cart_id=cart_id, line_id=line_of(cart_id, others[0]))
    actions.add(cart_id=cart_id, variant_id=last, quantity=1)

    assert lines_of(cart_id)["sku-000"] == 9
    assert len(lines_of(cart_id)) == 200


def test_what_each_verb_asks_of_the_database(many_variants: list[int]) -> None:
    """At most eight queries to put something in, however full the cart is."""
    locked = ["SELECT cart_cart", "SELECT cart_cartline"]
    can_be_bought = ["SELECT catalog_variant", "SELECT inventory_stocklevel"]
    mug, *others = many_variants
    full = fill_cart({})
    put_in_at_once(full, others[:100])
    for cart_id in (fill_cart({}), full):
        with queries_named() as first:
            actions.add(cart_id=cart_id, variant_id=mug, quantity=1)
        with queries_named() as again:
            actions.add(cart_id=cart_id, variant_id=mug, quantity=1)
        line_id = line_of(cart_id, mug)
        with queries_named() as changed:
            actions.change(cart_id=cart_id, line_id=line_id, quantity=1)
        with queries_named() as removed:
            actions.remove(cart_id=cart_id, line_id=line_id)

        assert first == [*locked, *can_be_bought, "INSERT cart_cartline", "UPDATE cart_cart"]
        assert again == [*locked, *can_be_bought, "UPDATE cart_cartline", "UPDATE cart_cart"]
        assert changed == again
        assert removed == ["SELECT cart_cart", "DELETE cart_cartline", "UPDATE cart_cart"]
        assert len(first) <= 8
