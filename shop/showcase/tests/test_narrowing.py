"""What lists leave out, and that their pages leave nothing else out."""

from decimal import Decimal

import pytest

from shop.catalog import queries as catalog
from shop.catalog.models import Category, Option, Product
from shop.showcase import queries
from shop.showcase.rules import (
    PAGE_SIZE,
    Card,
    Filters,
    Link,
    Listing,
    OptionFacet,
    Pairs,
    Shelf,
    Sorting,
)
from shop.showcase.tests.rows import products, rate
from tests.builders import put_on_sale

pytestmark = pytest.mark.django_db


def category_id(name: str) -> int:
    return int(Category.objects.get(name=name).id)


def names(listing: Listing[Card]) -> list[str]:
    return [card.name for card in listing.entries]


def found(filters: Filters) -> list[str]:
    """Return the names of what these filters leave."""
    return names(products(filters=filters))


def put_shirt(code: str, *variants: str, stock: int = 1, hidden: tuple[str, ...] = ()) -> None:
    """Put a shirt on sale with variants like `red-m`."""
    for variant in variants:
        colour, _, size = variant.partition("-")
        choices = (("Colour", colour), ("Size", size)) if size else (("Colour", colour),)
        put_on_sale(
            f"{code}-{variant}", product=code, name=code, options=choices, stock=stock,
            is_published=variant not in hidden,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("price_from", "price_to", "left"),
    [
        (None, None, ["Fork", "Kettle", "Mug"]),
        ("10", None, ["Kettle", "Mug"]),
        ("10.01", None, ["Kettle"]),
        (None, "10", ["Fork", "Mug"]),
        (None, "9.99", ["Fork"]),
        ("3.50", "3.50", ["Fork"]),
        ("0", "999999999999.99", ["Fork", "Kettle", "Mug"]),
        ("20", "5", []),
    ],
)
def test_both_ends_of_a_price_are_meant(
    price_from: str | None, price_to: str | None, left: list[str]
) -> None:
    for sku, price in [("fork", "3.50"), ("mug", "10"), ("kettle", "100")]:
        put_on_sale(sku, price=price)
    assert left == found(
        Filters(
            price_from=None if price_from is None else Decimal(price_from),
            price_to=None if price_to is None else Decimal(price_to),
        )
    )


def test_a_price_is_the_lowest_of_a_product() -> None:
    put_on_sale("red", product="S", name="Shirt", price="10", options=(("C", "Red"),))
    put_on_sale("blue", product="S", name="Shirt", price="20", options=(("C", "Blue"),))
    assert found(Filters(price_to=Decimal("10"))) == ["Shirt"]
    assert found(Filters(price_from=Decimal("20"))) == []


def test_in_stock_leaves_out_what_is_sold_out() -> None:
    put_on_sale("fork", stock=0)
    put_on_sale("mug", stock=1)
    assert found(Filters(in_stock=True)) == ["Mug"]
    assert found(Filters()) == ["Fork", "Mug"]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ((("colour", "red"),), ["A", "B", "C"]),
        ((("colour", "blue"),), ["B", "C"]),
        # Values of one option are alternatives.
        ((("colour", "blue"), ("colour", "green")), ["B", "C", "D"]),
        # Options hold together, for the same variant: B has a red one and one in M, but no red M.
        ((("colour", "red"), ("size", "m")), ["A", "C"]),
        ((("colour", "red"), ("size", "l")), ["B"]),
        ((("colour", "blue"), ("colour", "red"), ("size", "m")), ["A", "B", "C"]),
        ((("size", "m"), ("size", "l")), ["A", "B", "C"]),
        # What nobody has.
        ((("colour", "pink"),), []),
        ((("taste", "red"),), []),
        ((("size", "red"),), []),
        ((("colour", "red"), ("taste", "sour")), []),
    ],
)
def test_options_have_to_hold_for_the_same_variant(options: Pairs, left: list[str]) -> None:
    put_shirt("A", "red-s", "red-m")
    put_shirt("B", "red-l", "blue-m")
    put_shirt("C", "red-m", "blue-s")
    put_shirt("D", "green")
    put_on_sale("mug")
    assert found(Filters(options=options)) == left


def test_a_hidden_variant_meets_no_wish() -> None:
    put_shirt("A", "red-m", "blue-m", hidden=("red-m",))
    assert found(Filters(options=(("colour", "red"),))) == []
    assert found(Filters(options=(("colour", "blue"),))) == ["A"]


def test_a_category_is_meant_with_all_below_it() -> None:
    put_on_sale("kettle", category=("Kitchen",))
    put_on_sale("mug", category=("Kitchen", "Cups"))
    put_on_sale("sock", category=("Clothes",))
    assert found(Filters(category=category_id("Kitchen"))) == ["Kettle", "Mug"]
    assert found(Filters(category=category_id("Cups"))) == ["Mug"]


def test_all_filters_hold_together_on_a_list_and_in_a_category() -> None:
    for number, price in enumerate(["5", "10", "15", "20"]):
        put_on_sale(
            f"m{number}", name=f"Mug {number}", price=price, category=("Kitchen", "Cups"),
            options=(("Colour", "Red" if number else "Blue"),), stock=number % 3,
        )  # fmt: skip
    put_on_sale("s", name="Sock", price="10", category=("Clothes",), options=(("Colour", "Red"),))
    filters = Filters(
        category=category_id("Kitchen"),
        price_from=Decimal("10"),
        price_to=Decimal("20"),
        options=(("colour", "red"),),
        in_stock=True,
    )
    assert found(filters) == ["Mug 1", "Mug 2"]
    # A category page has a category of its own and looks at no other one.
    clothes = queries.category(category_id("Clothes"), filters=filters)
    assert names(clothes.products) == ["Sock"]


@pytest.fixture
def sixty() -> None:
    """Sixty products whose prices, ratings and names repeat: the id alone tells them apart."""
    for number in range(60):
        put_on_sale(
            f"p{number:02}", name=f"P{number // 7}", price=str(10 + number % 3),
            stock=number % 5 and 1, options=(("Colour", "Red" if number % 2 else "Blue"),),
        )  # fmt: skip
        rate(f"p{number:02}", [None, "4.5", "3", "4.5"][number % 4])


@pytest.mark.parametrize("sorting", list(Sorting))
def test_filters_leave_the_order_alone(sixty: None, sorting: Sorting) -> None:
    filters = Filters(price_to=Decimal("11"), options=(("colour", "red"),), in_stock=True)
    left = {f"p{n:02}" for n in range(60) if n % 3 < 2 and n % 2 == 1 and n % 5 > 0}
    in_order = Product.objects.filter(code__in=left).order_by(*sorting.columns)
    listing = products(filters=filters, sorting=sorting)
    assert len(left) == 16
    assert [card.product_id for card in listing.entries] == [product.id for product in in_order]


@pytest.mark.parametrize("sorting", list(Sorting))
def test_pages_of_a_narrowed_list_have_everything_once_there_and_back(
    sixty: None, sorting: Sorting
) -> None:
    filters = Filters(options=(("colour", "blue"), ("colour", "red")), price_to=Decimal("11"))
    in_order = Product.objects.filter(price__lte=11).order_by(*sorting.columns)
    first = products(filters=filters, sorting=sorting)
    second = products(filters=filters, sorting=sorting, cursor=first.next)
    assert [len(first.entries), len(second.entries)] == [PAGE_SIZE, 40 - PAGE_SIZE]
    assert [card.product_id for card in first.entries + second.entries] == [
        product.id for product in in_order
    ]
    assert (first.previous, second.next) == (None, None)
    back = products(filters=filters, sorting=sorting, cursor=second.previous)
    assert back.entries == first.entries


def test_nobody_rated_comes_last_and_the_newer_of_two_first() -> None:
    for sku, rating in [("a", None), ("b", "1"), ("c", "4.5"), ("d", "4.5"), ("e", None)]:
        put_on_sale(sku)
        rate(sku, rating)
    listing = products(sorting=Sorting.RATING)
    assert names(listing) == ["D", "C", "B", "E", "A"]


# --- What is offered to choose from ---------------------------------------------------------------


def test_a_list_offers_the_options_its_products_have() -> None:
    put_shirt("A", "red-s", "red-m")
    put_shirt("B", "blue-m", "green-m", hidden=("green-m",))
    put_on_sale("m", name="Mug", category=("Kitchen",), options=(("Volume", "1 l"),))
    put_shirt("C", "pink-xl")
    Product.objects.filter(code="C").update(is_published=False)
    page = queries.product_list(filters=Filters(), sorting=Sorting.NAME, cursor=None)
    assert page.options == (
        OptionFacet("colour", "Colour", (("red", "red"), ("blue", "blue"))),
        OptionFacet("size", "Size", (("s", "s"), ("m", "m"))),
        OptionFacet("volume", "Volume", (("1-l", "1 l"),)),
    )
    kitchen = queries.category(category_id("Kitchen"))
    assert kitchen.options == (OptionFacet("volume", "Volume", (("1-l", "1 l"),)),)


def test_options_are_offered_in_the_merchants_order() -> None:
    put_shirt("A", "red-s", "red-m")
    Option.objects.filter(code="size").update(position=0)
    Option.objects.filter(code="colour").update(position=1)
    page = queries.product_list(filters=Filters(), sorting=Sorting.NAME, cursor=None)
    assert [facet.code for facet in page.options] == ["size", "colour"]


def test_what_is_chosen_takes_nothing_off_the_offer() -> None:
    put_shirt("A", "red-s", "blue-m")
    narrow = Filters(options=(("colour", "red"),), price_to=Decimal("0.01"))
    page = queries.product_list(filters=narrow, sorting=Sorting.NAME, cursor=None)
    assert page.products.entries == ()
    assert [facet.values for facet in page.options] == [
        (("red", "red"), ("blue", "blue")),
        (("s", "s"), ("m", "m")),
    ]


def test_of_a_large_category_only_some_products_are_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever their number: what one page costs must not grow with the shop."""
    monkeypatch.setattr("shop.catalog.queries.browsing.PRODUCTS_ASKED", 2)
    for number in range(5):
        put_shirt(f"S{number}", f"c{number}")
    assert len(catalog.options_of_products()) == 2
    monkeypatch.setattr("shop.catalog.queries.browsing.PRODUCTS_ASKED", 500)
    monkeypatch.setattr("shop.catalog.queries.browsing.MOST_VALUES", 3)
    assert len(catalog.options_of_products()) == 3


def test_a_list_offers_two_levels_of_categories_and_knows_the_chosen_one() -> None:
    put_on_sale("mug", category=("A", "B", "C"))
    page = queries.product_list(
        filters=Filters(category=category_id("C")), sorting=Sorting.NAME, cursor=None
    )
    assert page.shelves == (Shelf(category_id("A"), "A", below=(Link(category_id("B"), "B"),)),)
    assert page.category == Link(category_id("C"), "C")
    assert names(page.products) == ["Mug"]
