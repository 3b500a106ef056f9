"""What visitors see of products, joined from what the catalogue and the stock say."""

from decimal import Decimal
from typing import Any

import pytest

from shop.catalog.errors import UnknownCategory, UnknownProduct
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.inventory import actions as inventory
from shop.inventory.models import StockLocation
from shop.lib.keyset import InvalidCursor
from shop.showcase import queries
from shop.showcase.rules import (
    Card,
    Choice,
    Filters,
    Home,
    Link,
    Listing,
    ListPage,
    Shelf,
    Sorting,
)
from shop.showcase.tests.rows import products, rate
from tests.builders import place, put_on_sale

pytestmark = pytest.mark.django_db


def product_of(variant_id: int) -> int:
    return Variant.objects.get(id=variant_id).product_id


def category_id(name: str) -> int:
    return int(Category.objects.get(name=name).id)


def names(listing: Listing[Card]) -> list[str]:
    return [card.name for card in listing.entries]


def test_an_empty_shop() -> None:
    assert queries.home() == Home(shelves=(), newest=(), best_rated=())
    empty: Listing[Card] = Listing(entries=(), next=None, previous=None)
    assert products() == empty
    assert queries.product_list(filters=Filters(), sorting=Sorting.NAME, cursor=None) == ListPage(
        products=empty, shelves=(), category=None, options=()
    )


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


def test_the_best_rated_that_can_be_had_are_at_home() -> None:
    for sku, rating in [("a", "3.5"), ("b", "5"), ("c", None), ("d", "4.25"), ("e", "5")]:
        put_on_sale(sku, stock=0 if sku == "b" else 1)
        rate(sku, rating)
    assert [card.name for card in queries.home().best_rated] == ["E", "D", "A"]


def test_a_card_says_what_a_list_needs() -> None:
    put_on_sale("red", product="S", name="Shirt", price="10", stock=0, options=(("C", "Red"),))
    put_on_sale("blue", product="S", name="Shirt", price="12", stock=1, options=(("C", "Blue"),))
    put_on_sale("fork", price="3.50", stock=0)
    rate("red", "4.25", count=12)
    fork, shirt = Variant.objects.get(sku="fork").product, Product.objects.get(code="S")
    assert products().entries == (
        Card(
            product_id=fork.id, name="Fork", category_id=fork.category_id, price=Decimal("3.50"),
            regular_price=None, costs_more=False, in_stock=False,
            rating=None, review_count=0, picture=None,
        ),
        Card(
            product_id=shirt.id, name="Shirt", category_id=shirt.category_id,
            price=Decimal("10.00"), regular_price=None, costs_more=True, in_stock=True,
            rating=Decimal("4.25"), review_count=12, picture=None,
        ),
    )  # fmt: skip


def test_a_card_shows_the_first_picture_and_a_page_all_of_them() -> None:
    mug, fork = product_of(put_on_sale("mug")), product_of(put_on_sale("fork"))
    for product_id, name, position in [(mug, "side", 2), (mug, "front", 1), (fork, "fork", 0)]:
        ProductImage.objects.create(
            product_id=product_id, file=f"pictures/{name}.webp", alt=name, position=position,
            width=800, height=600, widths=[320],
        )  # fmt: skip
    pictures = [card.picture for card in products().entries]
    assert [picture and picture.alt for picture in pictures] == ["fork", "front"]
    assert [picture.alt for picture in queries.product(mug).pictures] == ["front", "side"]
    front = queries.product(mug).pictures[0]
    assert (front.url, front.width, front.height) == ("/media/pictures/front.webp", 800, 600)


def test_a_hidden_variant_makes_no_difference_to_a_price() -> None:
    put_on_sale("red", product="S", name="Shirt", price="10", options=(("C", "Red"),))
    put_on_sale(
        "blue", product="S", name="Shirt", price="12", options=(("C", "Blue"),), is_published=False
    )
    (card,) = products().entries
    assert (card.price, card.costs_more) == (Decimal("10.00"), False)


@pytest.mark.parametrize(
    ("first", "second", "reduced_from"),
    [
        # Each variant: price, regular price, is published.
        (("10", None, True), ("12", "20", True), None),
        (("10", "15", True), ("12", None, True), "15.00"),
        (("10", "15", True), ("10", "14", True), "15.00"),
        (("10", None, True), ("10", "14", True), "14.00"),
        (("10", "10", True), ("12", None, True), None),
        (("8", "15", False), ("10", None, True), None),
    ],
)
def test_reduced_is_what_has_its_lowest_price_reduced(
    first: Any, second: Any, reduced_from: str | None
) -> None:
    for sku, (price, regular, is_published) in [("a", first), ("b", second)]:
        put_on_sale(
            sku, product="S", name="Shirt", price=price, options=(("C", sku),),
            regular_price=None if regular is None else Decimal(regular), is_published=is_published,
        )  # fmt: skip
    (card,) = products().entries
    assert card.regular_price == (None if reduced_from is None else Decimal(reduced_from))
    assert card.is_reduced is (reduced_from is not None)


def test_pages_of_equal_prices_leave_nothing_out() -> None:
    for number in range(50):
        put_on_sale(f"p{number:02}")
    seen: list[str] = []
    listing = products(sorting=Sorting.PRICE)
    while True:
        seen += names(listing)
        if listing.next is None:
            break
        listing = products(sorting=Sorting.PRICE, cursor=listing.next)
    assert seen == [f"P{number:02}" for number in range(50)]


def test_a_category_has_the_products_of_its_descendants_and_of_nobody_else() -> None:
    # Ten shelves before it, so that A is the prefix of no other by chance.
    for number in range(10):
        put_on_sale(f"other{number}", category=(f"Shelf {number}",))
    put_on_sale("in-a", category=("A",))
    put_on_sale("in-b", category=("A", "B"))
    put_on_sale("in-c", category=("A", "B", "C"))
    page = queries.category(category_id("B"))
    assert (page.name, page.way, page.below) == (
        "B",
        (Link(category_id("A"), "A"),),
        (Link(category_id("C"), "C"),),
    )
    assert names(page.products) == ["In-b", "In-c"]
    page = queries.category(category_id("A"), sorting=Sorting.NEWEST)
    assert names(page.products) == ["In-c", "In-b", "In-a"]
    page = queries.category(category_id("C"), sorting=Sorting.PRICE)
    assert (names(page.products), page.below) == (["In-c"], ())


def test_what_is_not_there_is_refused() -> None:
    hidden = product_of(put_on_sale("hidden", is_published=False))
    with pytest.raises(UnknownCategory):
        queries.category(4711)
    with pytest.raises(UnknownCategory):
        products(filters=Filters(category=4711))
    with pytest.raises(UnknownCategory):
        queries.product_list(filters=Filters(category=2**63 - 1), sorting=Sorting.NAME, cursor=None)
    for product_id in (4711, 2**63 - 1, 2**63, 10**40):
        with pytest.raises(UnknownProduct):
            queries.product(product_id)
    Product.objects.update(is_published=False)
    with pytest.raises(UnknownProduct):
        queries.product(hidden)
    with pytest.raises(InvalidCursor):
        products(cursor="nonsense")


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
