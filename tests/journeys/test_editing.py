"""What is edited in the back room shows on the shelf, in carts and at the till."""

from decimal import Decimal

import pytest
from django.db import transaction

from shop.accounts.models import User
from shop.cart import actions as carts
from shop.cart.models import CartLine
from shop.catalog import actions as catalog
from shop.catalog.models import Product, Variant
from shop.catalog.rules import ProductFacts, VariantFacts
from shop.checkout.actions import place_order
from shop.checkout.errors import AlreadyOrdered
from shop.events import actions as events
from shop.inventory import actions as inventory
from shop.inventory.errors import NotEnoughStock
from shop.inventory.models import StockLocation
from shop.orders import actions as orders
from shop.orders.models import OrderLine
from shop.reviews import actions as reviews
from tests.builders import breaches, draft_of, fill_cart, order_states, place, put_on_sale, stock_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


def close_main() -> None:
    inventory.set_location_active(
        location_id=StockLocation.objects.get(code="main").id, is_active=False
    )


def test_whether_a_product_can_be_had_follows_what_is_shown() -> None:
    variant_id = put_on_sale("mug", stock=3)
    put_on_sale("mug-blue", product="mug", stock=0)
    assert Product.objects.get(code="mug").in_stock

    for is_published in (False, True):
        catalog.change_variant(variant_id=variant_id, changes={"is_published": is_published})
        events.deliver_due()
        assert Product.objects.get(code="mug").in_stock is is_published
        assert breaches() == []


def test_what_was_written_by_hand_and_settled_is_told() -> None:
    variant_id = put_on_sale("mug", stock=3)
    with transaction.atomic():
        Variant.objects.filter(id=variant_id).update(is_published=False)
        catalog.settle(product_ids=[Product.objects.get().id])
    assert "product-in-stock" in breaches()[0]

    events.deliver_due()

    product = Product.objects.get()
    assert (product.in_stock, product.price) == (False, None)


def test_what_is_removed_leaves_the_carts_it_was_in() -> None:
    mug, tea = put_on_sale("mug"), put_on_sale("tea", stock=0)
    cart_id = fill_cart({mug: 1})
    CartLine.objects.create(cart_id=cart_id, variant_id=tea, quantity=1)

    catalog.remove_product(product_id=Product.objects.get(code="tea").id)

    assert list(CartLine.objects.values_list("variant_id", flat=True)) == [mug]
    carts.add(cart_id=cart_id, variant_id=mug, quantity=1)
    order_id = place_order(draft=draft_of(cart_id, expected_total="25.00")).order_id
    assert order_states(order_id) == ("Pending", "Unpaid", "Unshipped")


def test_an_order_stays_what_it_was_when_the_product_is_edited() -> None:
    variant_id = put_on_sale("mug", price="12.50")
    order_id = place({variant_id: 2})

    catalog.change_variant(variant_id=variant_id, changes={"sku": "cup", "price": Decimal("99.00")})
    catalog.change_product(product_id=Product.objects.get().id, changes={"name": "Cup"})

    line = OrderLine.objects.get(order_id=order_id)
    assert (line.sku, line.name, line.unit_price, line.amount) == (
        "mug",
        "Mug",
        Decimal("12.50"),
        Decimal("25.00"),
    )


def test_what_was_promised_stays_promised_and_is_shipped_from_a_closed_place() -> None:
    mug = put_on_sale("mug", stock=5)
    shipped, canceled = place({mug: 2}), place({mug: 1})

    close_main()
    assert stock_of(mug) == (5, 3)
    orders.ship(order_ids=[shipped], by=None)
    orders.cancel(order_ids=[canceled], by=None)

    assert stock_of(mug) == (3, 0)
    assert not Product.objects.get().in_stock


def test_a_cart_filled_before_cannot_be_ordered_from_a_closed_place() -> None:
    mug = put_on_sale("mug", stock=5)
    cart_id = fill_cart({mug: 1})
    close_main()

    with pytest.raises(NotEnoughStock) as caught:
        place_order(draft=draft_of(cart_id))

    assert (caught.value.wanted, caught.value.available) == (1, 0)
    assert stock_of(mug) == (5, 0)


def test_from_a_new_shelf_to_a_review(alice: User) -> None:
    """A category, a product in two sizes, a delivery; a guest signs in, buys, and says so."""
    kitchen = catalog.add_category(name="Kitchen")
    product_id = catalog.add_product(
        product=ProductFacts(name="Mug", category_id=kitchen),
        variants=[
            VariantFacts(sku=f"mug-{size}", price=Decimal(price), options=(("Size", size),))
            for size, price in (("small", "8.00"), ("large", "12.00"))
        ],
    )
    ids = dict(Variant.objects.values_list("sku", "id"))
    inventory.add_location(code="main", name="Main")
    inventory.receive(
        units=dict.fromkeys(ids.values(), 4), location_code="main", reference="delivery 1"
    )

    guests = fill_cart({ids["mug-small"]: 1, ids["mug-large"]: 2})
    cart_id = carts.merge(cart_id=guests, user_id=alice.id)
    placed = place_order(draft=draft_of(cart_id, user=alice, expected_total="32.00"))
    reviews.write(user_id=alice.id, product_id=product_id, rating=4, text="Good handles.")

    product = Product.objects.get()
    assert (product.rating, product.review_count) == (Decimal("4.00"), 1)
    assert (product.price, product.in_stock) == (Decimal("8.00"), True)
    assert stock_of(ids["mug-small"]) == (4, 1)
    assert stock_of(ids["mug-large"]) == (4, 2)
    with pytest.raises(AlreadyOrdered) as caught:
        place_order(draft=draft_of(cart_id, user=alice))
    assert caught.value.order_id == placed.order_id
