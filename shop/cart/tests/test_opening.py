"""Whose cart is whose, what it looks like to a reader, and how it is closed."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from shop.accounts.models import User
from shop.cart import actions, queries
from shop.cart.errors import InvalidQuantity
from shop.cart.models import Cart
from shop.cart.queries import PricedLine
from shop.cart.rules import CartContents, CartFacts, CartItem, check_quantity
from shop.cart.tests.carts import everything, line_of, version_of
from shop.catalog import actions as catalog
from shop.catalog.models import Product, Variant
from shop.catalog.rules import PriceChange
from shop.lib.transactions import OutsideTransactionError
from shop.pricing.rules import Terms
from tests.builders import NOON, fill_cart, place, put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db


def test_a_shopper_has_one_open_cart(alice: User, bob: User) -> None:
    alices = actions.open_cart(user_id=alice.id)

    assert actions.open_cart(user_id=alice.id) == alices
    assert actions.open_cart(user_id=bob.id) != alices
    assert queries.open_cart_of(alice.id) == alices
    cart = Cart.objects.get(id=alices)
    assert (cart.user, cart.open_for, cart.version, cart.ordered_at) == (alice, alice, 0, None)


def test_whoever_is_not_signed_in_gets_a_new_one_each_time() -> None:
    first, second = actions.open_cart(user_id=None), actions.open_cart(user_id=None)

    assert first != second
    assert Cart.objects.filter(user=None, open_for=None).count() == 2


def test_the_database_keeps_it_at_one(alice: User) -> None:
    actions.open_cart(user_id=alice.id)

    with pytest.raises(IntegrityError), transaction.atomic():
        Cart.objects.create(user=alice, open_for=alice)


def test_an_ordered_cart_is_open_no_more(alice: User) -> None:
    mug = put_on_sale("mug")
    place({mug: 1}, user=alice)

    assert queries.open_cart_of(alice.id) is None
    new = actions.open_cart(user_id=alice.id)
    assert Cart.objects.filter(user=alice).count() == 2
    assert queries.contents([new])[new].items == ()


def test_opening_the_cart_one_has_is_one_query(alice: User) -> None:
    actions.open_cart(user_id=alice.id)

    with queries_named() as names:
        actions.open_cart(user_id=alice.id)

    assert names == ["SELECT cart_cart"]


def test_closing_is_for_the_carts_named(alice: User) -> None:
    mug = put_on_sale("mug")
    alices, guests, other = fill_cart({mug: 1}, user=alice), fill_cart({mug: 1}), fill_cart({})

    with transaction.atomic():
        facts = actions.lock(cart_ids=[alices, guests, uuid4()])
        actions.close(cart_ids=[alices, guests], at=NOON)
        after = actions.lock(cart_ids=[alices, guests, other])

    open_, ordered = CartFacts(version=1, is_ordered=False), CartFacts(version=2, is_ordered=True)
    assert facts == {alices: open_, guests: open_}
    assert after == {
        alices: ordered,
        guests: ordered,
        other: CartFacts(version=0, is_ordered=False),
    }
    cart = Cart.objects.get(id=alices)
    assert (cart.user, cart.open_for, cart.ordered_at) == (alice, None, NOON)
    assert set(queries.ordered_carts()) == {alices, guests}
    assert set(queries.open_carts()) == {other}


@pytest.mark.django_db(transaction=True)
def test_locking_and_closing_need_their_callers_transaction() -> None:
    cart_id = actions.open_cart(user_id=None)
    before = everything()

    with pytest.raises(OutsideTransactionError):
        actions.lock(cart_ids=[cart_id])
    with pytest.raises(OutsideTransactionError):
        actions.close(cart_ids=[cart_id], at=NOON)

    assert everything() == before


def test_contents_are_of_this_moment() -> None:
    mug = put_on_sale("mug", price="12.50")
    cart_id = fill_cart({mug: 2})
    catalog.set_prices(prices=[PriceChange(mug, Decimal("13.00"))])

    assert queries.contents([cart_id]) == {
        cart_id: CartContents(
            id=cart_id,
            version=1,
            user_id=None,
            is_ordered=False,
            items=(
                CartItem(
                    line_id=line_of(cart_id, mug),
                    variant_id=mug,
                    product_id=Product.objects.get().id,
                    sku="mug",
                    name="Mug",
                    title="",
                    quantity=2,
                    price=Decimal("13.00"),
                    is_sold=True,
                ),
            ),
        )
    }


def test_lines_are_in_the_order_in_which_they_were_put_in() -> None:
    jam, mug, tea = (put_on_sale(sku) for sku in ("jam", "mug", "tea"))

    cart_id = fill_cart({tea: 1, jam: 1, mug: 1})

    items = queries.contents([cart_id])[cart_id].items
    assert [item.sku for item in items] == ["tea", "jam", "mug"]


@pytest.mark.parametrize("hidden", [Product, Variant])
def test_what_is_not_published_is_not_sold(hidden: type[Product] | type[Variant]) -> None:
    cart_id = fill_cart({put_on_sale("mug"): 1})
    hidden._default_manager.update(is_published=False)

    (item,) = queries.contents([cart_id])[cart_id].items

    assert not item.is_sold


def test_many_carts_are_one_query(alice: User) -> None:
    mug, tea = put_on_sale("mug"), put_on_sale("tea")
    carts = {
        fill_cart({mug: 1, tea: 2}): ["mug", "tea"],
        fill_cart({tea: 1}, user=alice): ["tea"],
        fill_cart({}): [],
    }

    with queries_named() as names:
        found = queries.contents([*carts, uuid4()])

    assert names == ["SELECT cart_cart"]
    assert {id_: [item.sku for item in cart.items] for id_, cart in found.items()} == carts


def test_a_priced_cart_says_what_is_in_the_way() -> None:
    mug = put_on_sale("mug", price="12.50", stock=5)
    tea = put_on_sale("tea", price="3.99", stock=2)
    cart_id = fill_cart({mug: 2, tea: 2})
    place({tea: 1})

    with queries_named() as names:
        cart = queries.priced(cart_id, terms=Terms(currency="GBP"))

    assert names == ["SELECT cart_cart", "SELECT inventory_stocklevel"]
    assert [_facts(line) for line in cart.lines] == [
        ("mug", Decimal("25.00"), 5, True),
        ("tea", Decimal("7.98"), 1, False),
    ]
    assert cart.quote.total == Decimal("32.98")
    assert not cart.can_be_ordered
    actions.change(cart_id=cart_id, line_id=line_of(cart_id, tea), quantity=1)
    assert queries.priced(cart_id, terms=Terms(currency="GBP")).can_be_ordered


def _facts(line: PricedLine) -> tuple[str, Decimal, int, bool]:
    return line.item.sku, line.amount, line.available, line.can_be_had


def test_an_empty_and_an_unknown_cart_cannot_be_ordered() -> None:
    for cart_id in (fill_cart({}), uuid4()):
        cart = queries.priced(cart_id, terms=Terms(currency="GBP"))
        assert (cart.lines, cart.quote.total, cart.can_be_ordered) == ((), Decimal("0.00"), False)


def test_an_ordered_cart_has_no_price_any_more() -> None:
    mug = put_on_sale("mug")
    place({mug: 1})
    (cart_id,) = queries.ordered_carts()

    assert queries.priced(cart_id, terms=Terms(currency="GBP")).lines == ()
    assert queries.contents([cart_id])[cart_id].is_ordered


def test_only_a_guests_open_cart_is_anybodys(alice: User) -> None:
    mug = put_on_sale("mug")
    place({mug: 1})
    (ordered,) = queries.ordered_carts()

    assert queries.is_anybodys(fill_cart({}))
    assert not queries.is_anybodys(fill_cart({}, user=alice))
    assert not queries.is_anybodys(ordered)
    assert not queries.is_anybodys(UUID(int=0))


@pytest.mark.parametrize("quantity", [1, 2, 100_000])
def test_quantities_somebody_can_buy(quantity: int) -> None:
    check_quantity(quantity)


@pytest.mark.parametrize("quantity", [0, -1, 100_001])
def test_quantities_nobody_can_buy(quantity: int) -> None:
    with pytest.raises(InvalidQuantity) as caught:
        check_quantity(quantity)

    assert caught.value.data == {"quantity": quantity, "limit": 100_000, "in_cart": 0}


def test_every_change_makes_it_another_cart() -> None:
    """A checkout compares versions: no two states of one cart share theirs."""
    mug = put_on_sale("mug", stock=50)
    cart_id = fill_cart({mug: 1})
    versions = [version_of(cart_id)]
    for quantity in (2, 1):
        actions.change(cart_id=cart_id, line_id=line_of(cart_id, mug), quantity=quantity)
        versions.append(version_of(cart_id))
    actions.remove(cart_id=cart_id, line_id=line_of(cart_id, mug))
    versions.append(version_of(cart_id))
    actions.add(cart_id=cart_id, variant_id=mug, quantity=1)
    versions.append(version_of(cart_id))

    assert versions == [1, 2, 3, 4, 5]
