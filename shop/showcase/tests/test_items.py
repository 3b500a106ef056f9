"""Products for programs: whole, in lists as well."""

from dataclasses import replace
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
    assert showcase.items_but_for_stock([product_id]) == {}


def page(cursor: str | None = None, size: int = 24, **filters: Any) -> tuple[list[str], str | None]:
    """Return what is on a page of a list, the dearest first, and the cursor of the next one."""
    found = showcase.product_ids(
        filters=Filters(**filters), sorting=Sorting.PRICE_DESCENDING, cursor=cursor, size=size
    )
    items = showcase.items_but_for_stock(found.entries)
    return [items[product_id].name for product_id in found.entries], found.next


def test_a_list_is_narrowed_down_sorted_and_paged(db: None) -> None:
    teas()
    put_on_sale("mug", price="9.00")
    put_on_sale("cup", price="8.00", stock=0)
    dearest, onwards = page(size=2)
    assert dearest == ["Mug", "Cup"]
    assert page(onwards, size=2) == (["Tea"], None)
    assert page(in_stock=True, price_to=Decimal("8.99")) == (["Tea"], None)
    assert page(options=(("size", "l"),)) == (["Tea"], None)
    with pytest.raises(UnknownCategory):
        page(category=4711)


def test_what_is_kept_of_items_is_all_but_their_stock(db: None) -> None:
    teas()
    product_id = Product.objects.get().id
    (found,) = showcase.items_but_for_stock([product_id]).values()
    assert (found.stock, [variant.stock for variant in found.variants]) == (0, [0, 0])
    whole = showcase.item(product_id)
    variants = tuple(replace(variant, stock=0) for variant in whole.variants)
    assert found == replace(whole, variants=variants)


@pytest.mark.parametrize("count", [1, 9])
def test_a_list_costs_four_queries_besides_its_stock_however_long_it_is(
    db: None, count: int
) -> None:
    for number in range(count):
        put_on_sale(f"cup-{number}")
    with queries_named() as names:
        assert len(page()[0]) == count
    assert names == [
        "SELECT catalog_product",
        "SELECT catalog_product",
        "SELECT catalog_variant",
        "SELECT catalog_productimage",
    ]


def test_an_empty_list_costs_one(db: None) -> None:
    with queries_named() as names:
        assert page() == ([], None)
    assert names == ["SELECT catalog_product"]
