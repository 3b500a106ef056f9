"""Products for programs: whole, in lists as well."""

from decimal import Decimal
from typing import Any

import pytest

from shop.catalog import actions as catalog
from shop.catalog.errors import UnknownCategory, UnknownProduct
from shop.catalog.models import Product, ProductImage
from shop.inventory import actions as inventory
from shop.showcase import queries as showcase
from shop.showcase.rules import Filters, Sorting
from tests.builders import place, put_on_sale
from tests.queries import queries_named


def teas() -> tuple[int, int]:
    """Put a tea in two sizes on sale; return the ids of its variants."""
    shared: dict[str, Any] = {"product": "tea", "name": "Tea"}
    small = put_on_sale("tea-s", price="3.00", options=(("Size", "S"),), **shared)
    large = put_on_sale(
        "tea-l",
        price="5.00",
        regular_price=Decimal("6.00"),
        options=(("Size", "L"), ("Box", "Tin")),
        **shared,
    )
    return small, large


def test_an_item_has_everything_that_belongs_to_it(db: None) -> None:
    small, large = teas()
    product = Product.objects.get()
    picture = ProductImage.objects.create(product=product, variant_id=large, file="pictures/t.webp")
    inventory.add_location(code="cellar", name="Cellar")
    inventory.receive(units={large: 5}, location_code="cellar", reference="x")
    place({large: 2})
    item = showcase.item(product.id)
    assert (item.id, item.name, item.price, item.stock) == (product.id, "Tea", Decimal("3.00"), 23)
    assert [(variant.id, variant.stock) for variant in item.variants] == [(small, 10), (large, 13)]
    assert [(option.code, option.value) for option in item.variants[1].options] == [
        ("size", "l"),
        ("box", "tin"),
    ]
    assert [(shown.id, shown.variant) for shown in item.pictures] == [(picture.id, large)]
    assert item.image == item.pictures[0].picture
    assert item.category.name == "Uncategorised"


def test_the_regular_price_is_that_of_the_cheapest(db: None) -> None:
    small, _ = teas()
    product_id = Product.objects.get().id
    assert showcase.item(product_id).regular_price is None
    catalog.change_variant(variant_id=small, changes={"regular_price": Decimal("4.00")})
    assert showcase.item(product_id).regular_price == Decimal("4.00")
    catalog.change_variant(variant_id=small, changes={"regular_price": Decimal("3.00")})
    assert showcase.item(product_id).regular_price is None


def test_what_is_hidden_is_for_staff_alone(db: None) -> None:
    small, large = teas()
    product_id = Product.objects.get().id
    catalog.change_variant(variant_id=small, changes={"is_published": False})
    assert [variant.id for variant in showcase.item(product_id).variants] == [large]
    whole = showcase.item(product_id, even_hidden=True)
    assert [(variant.id, variant.is_published) for variant in whole.variants] == [
        (small, False),
        (large, True),
    ]
    # What is not sold is no stock either.
    assert whole.stock == 10
    catalog.set_published(product_ids=[product_id], is_published=False)
    with pytest.raises(UnknownProduct):
        showcase.item(product_id)
    assert showcase.item(product_id, even_hidden=True).is_published is False
    assert showcase.items(filters=Filters()).entries == ()


def test_a_list_is_narrowed_down_sorted_and_paged(db: None) -> None:
    teas()
    put_on_sale("mug", price="9.00")
    put_on_sale("cup", price="8.00", stock=0)
    dearest = showcase.items(filters=Filters(), sorting=Sorting.PRICE_DESCENDING, size=2)
    assert [item.name for item in dearest.entries] == ["Mug", "Cup"]
    rest = showcase.items(
        filters=Filters(), sorting=Sorting.PRICE_DESCENDING, size=2, cursor=dearest.next
    )
    assert [item.name for item in rest.entries] == ["Tea"]
    there = showcase.items(filters=Filters(in_stock=True, price_to=Decimal("8.99")))
    assert [item.name for item in there.entries] == ["Tea"]
    large = showcase.items(filters=Filters(options=(("size", "l"),)))
    assert [item.name for item in large.entries] == ["Tea"]
    with pytest.raises(UnknownCategory):
        showcase.items(filters=Filters(category=4711))


@pytest.mark.parametrize("count", [1, 9])
def test_a_list_costs_four_queries_however_long_it_is(db: None, count: int) -> None:
    for number in range(count):
        put_on_sale(f"cup-{number}")
    with queries_named() as names:
        assert len(showcase.items(filters=Filters()).entries) == count
    assert names == [
        "SELECT catalog_product",
        "SELECT catalog_variant",
        "SELECT catalog_productimage",
        "SELECT inventory_stocklevel",
    ]


def test_an_empty_list_costs_one(db: None) -> None:
    with queries_named() as names:
        assert showcase.items(filters=Filters()).entries == ()
    assert names == ["SELECT catalog_product"]
