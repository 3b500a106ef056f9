"""What visitors see of products, joined from what the catalogue and the stock say."""

from decimal import Decimal

import pytest
from django.db import connection

from shop.catalog import queries as catalog
from shop.catalog.errors import UnknownCategory, UnknownProduct
from shop.catalog.models import Category, Product, Variant
from shop.inventory import actions as inventory
from shop.inventory.models import StockLocation
from shop.lib.keyset import InvalidCursor
from shop.showcase import queries
from shop.showcase.rules import Card, Choice, Link, Listing, Shelf, Sorting
from tests.builders import place, put_on_sale

pytestmark = pytest.mark.django_db


def product_of(variant_id: int) -> int:
    return Variant.objects.get(id=variant_id).product_id


def category_id(name: str) -> int:
    return int(Category.objects.get(name=name).id)


def names(listing: Listing[Card]) -> list[str]:
    return [card.name for card in listing.entries]


def test_an_empty_shop() -> None:
    assert queries.home().shelves == ()
    assert queries.home().newest == ()
    empty: Listing[Card] = Listing(entries=(), next=None, previous=None)
    assert queries.products(sorting=Sorting.NAME, cursor=None) == empty


def test_home_shows_two_levels_of_shelves_and_the_newest_products_that_can_be_had() -> None:
    for number in range(9):
        put_on_sale(f"p{number}", category=("A", "B", "C"))
    put_on_sale("sold-out", stock=0, category=("D",))
    home = queries.home()
    assert home.shelves == (
        Shelf(category_id("A"), "A", below=(Link(category_id("B"), "B"),)),
        Shelf(category_id("D"), "D", below=()),
    )
    assert [card.name for card in home.newest] == [
        "P8", "P7", "P6", "P5", "P4", "P3", "P2", "P1",
    ]  # fmt: skip


def test_a_card_says_what_a_list_needs() -> None:
    put_on_sale("red", product="S", name="Shirt", price="10", stock=0, options=(("C", "Red"),))
    put_on_sale("blue", product="S", name="Shirt", price="12", stock=1, options=(("C", "Blue"),))
    put_on_sale("fork", price="3.50", stock=0)
    assert queries.products(sorting=Sorting.NAME, cursor=None).entries == (
        Card(product_of(Variant.objects.get(sku="fork").id), "Fork", Decimal("3.50"), False, False),
        Card(Product.objects.get(code="S").id, "Shirt", Decimal("10.00"), True, True),
    )


def test_a_hidden_variant_makes_no_difference_to_a_price() -> None:
    put_on_sale("red", product="S", name="Shirt", price="10", options=(("C", "Red"),))
    put_on_sale(
        "blue", product="S", name="Shirt", price="12", options=(("C", "Blue"),), is_published=False
    )
    (card,) = queries.products(sorting=Sorting.NAME, cursor=None).entries
    assert (card.price, card.costs_more) == (Decimal("10.00"), False)


def test_pages_of_equal_prices_leave_nothing_out() -> None:
    for number in range(50):
        put_on_sale(f"p{number:02}")
    seen: list[str] = []
    listing = queries.products(sorting=Sorting.PRICE, cursor=None)
    while True:
        seen += names(listing)
        if listing.next is None:
            break
        listing = queries.products(sorting=Sorting.PRICE, cursor=listing.next)
    assert seen == [f"P{number:02}" for number in range(50)]


def test_a_category_has_the_products_of_its_descendants_and_of_nobody_else() -> None:
    # Ten shelves before it, so that A is the prefix of no other by chance.
    for number in range(10):
        put_on_sale(f"other{number}", category=(f"Shelf {number}",))
    put_on_sale("in-a", category=("A",))
    put_on_sale("in-b", category=("A", "B"))
    put_on_sale("in-c", category=("A", "B", "C"))
    page = queries.category(category_id("B"), sorting=Sorting.NAME, cursor=None)
    assert (page.name, page.way, page.below) == (
        "B",
        (Link(category_id("A"), "A"),),
        (Link(category_id("C"), "C"),),
    )
    assert names(page.products) == ["In-b", "In-c"]
    page = queries.category(category_id("A"), sorting=Sorting.NEWEST, cursor=None)
    assert names(page.products) == ["In-c", "In-b", "In-a"]
    page = queries.category(category_id("C"), sorting=Sorting.PRICE, cursor=None)
    assert (names(page.products), page.below) == (["In-c"], ())


def test_what_is_not_there_is_refused() -> None:
    hidden = product_of(put_on_sale("hidden", is_published=False))
    with pytest.raises(UnknownCategory):
        queries.category(4711, sorting=Sorting.NAME, cursor=None)
    with pytest.raises(UnknownProduct):
        queries.product(4711)
    Product.objects.update(is_published=False)
    with pytest.raises(UnknownProduct):
        queries.product(hidden)
    with pytest.raises(InvalidCursor):
        queries.products(sorting=Sorting.NAME, cursor="nonsense")


def test_stock_is_what_can_be_had_now_over_all_open_locations() -> None:
    mug = put_on_sale("mug", stock=10)
    for code, units in [("second", 5), ("closed", 100)]:
        inventory.add_location(code=code, name=code)
        inventory.receive(units={mug: units}, location_code=code, reference="delivery")
    StockLocation.objects.filter(code="closed").update(is_active=False)
    place({mug: 3})
    page = queries.product(product_of(mug))
    assert page.choices == (
        Choice(
            variant_id=mug,
            sku="mug",
            title="",
            price=Decimal("12.50"),
            regular_price=None,
            available=12,
        ),
    )


def test_choices_are_those_on_show_in_the_merchants_order() -> None:
    for position, colour in enumerate(["Red", "Blue", "Green"]):
        put_on_sale(
            colour, product="S", name="Shirt", options=(("Colour", colour),),
            position=3 - position, is_published=colour != "Blue",
        )  # fmt: skip
    page = queries.product(Product.objects.get().id)
    assert [choice.title for choice in page.choices] == ["Green", "Red"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans")
@pytest.mark.parametrize(
    ("sorting", "index"),
    [
        (Sorting.NAME, "products_by_name"),
        (Sorting.PRICE, "products_by_price"),
        (Sorting.NEWEST, "products_by_age"),
    ],
)
def test_no_list_is_sorted_by_the_database(sorting: Sorting, index: str) -> None:
    """An index has the order already: the first page of a million products costs 25 rows."""
    plan = catalog.products_on_show().order_by(*sorting.columns)[:25].explain()
    assert f"USING INDEX {index} (is_published=?" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans")
def test_what_is_new_is_not_sorted_either() -> None:
    plan = catalog.products_in_stock().order_by(*Sorting.NEWEST.columns)[:9].explain()
    assert "products_in_stock_by_age (is_published=? AND in_stock=?)" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans")
def test_the_list_of_a_lowest_category_is_not_sorted_either() -> None:
    put_on_sale("mug", category=("Cups",))
    cups = catalog.category(category_id("Cups"))
    plan = catalog.products_on_show_in(cups).order_by(*Sorting.NAME.columns)[:25].explain()
    assert "USING INDEX products_of_category (category_id=? AND is_published=?)" in plan
    assert "TEMP B-TREE" not in plan
