"""What rows need besides products: categories, options, few queries, and nobody in between."""

import re
from collections.abc import Collection

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from shop.catalog.actions import put_products
from shop.catalog.actions._families import Family
from shop.catalog.actions._writing import write_families
from shop.catalog.models import Category, Option, OptionValue, Product, Variant, VariantValue
from shop.catalog.rules import ProductRow, PutReport
from shop.catalog.tests.rows import BLUE_M, RED_M, place_of, put, row, shirt
from shop.events.models import Event

pytestmark = pytest.mark.django_db


# --- Categories -----------------------------------------------------------------------------------


def test_paths_of_categories_share_their_beginning() -> None:
    put(
        row("a", category=("Home", "Kitchen", "Mugs")),
        row("b", category=("Home", "Kitchen")),
        row("c", category=("Garden",)),
        row("d", category=("Home", "Bath")),
    )
    put(row("e", category=("Home", "Garden")), row("f", category=("Home", "Kitchen", "Jugs")))

    tree = [(node.depth, node.name, node.numchild) for node in Category.objects.order_by("path")]
    assert tree == [
        (1, "Home", 3),
        (2, "Kitchen", 2),
        (3, "Mugs", 0),
        (3, "Jugs", 0),
        (2, "Bath", 0),
        (2, "Garden", 0),
        (1, "Garden", 0),
    ]
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_categories_are_found_whatever_their_case_and_whoever_made_them() -> None:
    home = Category.objects.add_root({"name": "Home"})
    kitchen = Category.objects.add_child(home, {"name": "Kitchen"})
    put(row("a", category=("HOME", "kitchen")), row("b", category=("home", "Bath")))

    assert Product.objects.get(code="a").category_id == kitchen.id
    assert place_of(Product.objects.get(code="b")) == ["Home", "Bath"]
    # And treebeard goes on where the import has stopped.
    home.refresh_from_db()
    shed = Category.objects.add_child(home, {"name": "Shed"})
    assert (shed.path[-4:], Category.objects.count()) == ("0003", 4)
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_more_categories_than_a_digit_can_count() -> None:
    put(*(row(f"sku-{number}", category=(f"Shelf {number:02}",)) for number in range(40)))
    paths = list(Category.objects.order_by("path").values_list("path", flat=True))
    assert (paths[8], paths[9], paths[34], paths[35]) == ("0009", "000A", "000Z", "0010")
    assert Category.objects.find_problems() == ([], [], [], [], [])


# --- Options --------------------------------------------------------------------------------------


def test_options_and_values_are_made_once_and_numbered_as_they_come() -> None:
    put(
        shirt("a", options=(("Size", "S"),)), shirt("b", options=(("Size", "M"), ("Colour", "Red")))
    )
    put(
        shirt("c", options=(("size", "L"), ("COLOUR", "red"))),
        shirt("d", options=(("Fit", "Slim"),)),
    )
    options = Option.objects.order_by("position").values_list("code", "name", "position")
    assert list(options) == [("size", "Size", 1), ("colour", "Colour", 2), ("fit", "Fit", 3)]
    values = OptionValue.objects.order_by("option__position", "position").values_list(
        "name", "position"
    )
    assert list(values) == [("S", 1), ("M", 2), ("L", 3), ("Red", 1), ("Slim", 1)]
    assert Variant.objects.get(sku="c").title == "L, Red"


def test_a_variants_choices_become_what_its_row_says() -> None:
    put(shirt("a", options=RED_M), shirt("b", options=RED_M))
    assert put(shirt("a", options=BLUE_M), shirt("b")) == PutReport(updated=1, unchanged=1)
    chosen = VariantValue.objects.order_by("option").values_list("variant__sku", "value__code")
    assert set(chosen) == {("a", "blue"), ("a", "m"), ("b", "red"), ("b", "m")}

    assert put(shirt("a", options=())) == PutReport(updated=1)
    assert Variant.objects.get(sku="a").title == ""
    assert not VariantValue.objects.filter(variant__sku="a").exists()


# --- Costs and conflicts --------------------------------------------------------------------------


def queries_of(rows: list[ProductRow]) -> list[str]:
    """Return the verb and the table of each query, without those that begin and end."""
    with CaptureQueriesContext(connection) as captured:
        put_products(rows=rows)
    statements = [query["sql"] for query in captured.captured_queries]
    return [
        f"{found[1]} {found[2]}"
        for statement in statements
        if (found := re.match(r"(SELECT|INSERT|UPDATE|DELETE)\b.*?[`\"]catalog_(\w+)", statement))
    ]


def many(count: int, *, price: str, category: str, colour: str) -> list[ProductRow]:
    return [
        shirt(
            f"shirt-{number}",
            price,
            product=f"product-{number // 2}",
            name=f"{category} {number // 2}",
            category=(category, f"Shelf {number}"),
            options=(("Colour", f"{colour} {number}"),),
        )
        for number in range(count)
    ]


READING = [
    "SELECT variant",  # which of the SKUs are there
    "SELECT product",  # and lock their products
    "SELECT variant",  # all variants of those
    "SELECT variantvalue",  # and what they have chosen
    "SELECT category",
    "SELECT option",
    "SELECT optionvalue",
]


@pytest.mark.parametrize("count", [1, 50])
def test_rows_that_change_nothing_cost_seven_queries(count: int) -> None:
    rows = many(count, price="2.00", category="More", colour="Green")
    put(*rows)
    assert queries_of(rows) == READING


@pytest.mark.parametrize("count", [2, 50])
def test_rows_that_make_everything_new_cost_the_same_for_any_number(count: int) -> None:
    put(row(category=("Home",), options=(("Colour", "Red"),)))
    assert queries_of(many(count, price="2.00", category="Home", colour="Green")) == [
        "SELECT variant",
        "SELECT product",  # those of the same code
        "SELECT category",
        "SELECT category",  # and lock them all, some being missing
        "INSERT category",
        "UPDATE category",  # how many children their parents have
        "SELECT category",  # the new ids
        "SELECT option",
        "SELECT optionvalue",
        "SELECT optionvalue",  # the last positions
        "INSERT optionvalue",
        "SELECT optionvalue",  # the new ids
        "INSERT product",
        "INSERT variant",
        "INSERT variantvalue",
    ]


@pytest.mark.parametrize("count", [2, 50])
def test_rows_that_change_everything_cost_the_same_for_any_number(count: int) -> None:
    put(*many(count, price="2.00", category="Home", colour="Green"))
    put(row(category=("Garden",), options=(("Colour", "Grey 0"),)))
    for number in range(count):
        put(row(f"x{number}", category=("Garden", f"Shelf {number}")))
        put(row(f"x{number}", options=(("Colour", f"Grey {number}"),)))
    assert queries_of(many(count, price="3.00", category="Garden", colour="Grey")) == [
        *READING,
        "UPDATE product",
        "UPDATE variant",
        "DELETE variantvalue",
        "INSERT variantvalue",
    ]


def test_where_the_database_does_not_tell_new_ids_they_are_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    assert put(shirt("a", options=RED_M), row()) == PutReport(created=2)
    variant = Variant.objects.get(sku="a")
    assert variant.product.code == "shirt"
    assert sorted(variant.values.values_list("code", flat=True)) == ["m", "red"]


def test_when_somebody_else_makes_the_same_it_starts_over(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def collide_once(families: Collection[Family]) -> None:
        calls.append(families)
        if len(calls) == 1:
            raise IntegrityError("somebody else was quicker")
        write_families(families)

    monkeypatch.setattr("shop.catalog.actions.putting.write_families", collide_once)
    assert put(row(category=("Home",))) == PutReport(created=1)
    assert len(calls) == 2
    assert Category.objects.count() == 1


# --- News -----------------------------------------------------------------------------------------


def news() -> list[tuple[str, str, object]]:
    return list(Event.objects.order_by("id").values_list("name", "subject", "payload"))


def test_it_is_news_when_variants_come_into_sight_or_go() -> None:
    put(shirt("a"), shirt("b"), row(), row("jug", is_published=True))
    first, last = min(product_ids()), max(product_ids())
    every = f"product:{first}-{last}"
    assert news() == [("product.added", every, {"product_ids": product_ids()})]
    Event.objects.all().delete()
    put(shirt("a", is_published=False), shirt("b", "1.00", is_published=True), row(price="1.00"))
    put(shirt("a", is_published=False))

    a, mug = Variant.objects.get(sku="a"), Variant.objects.get(sku="mug")
    ids = sorted([a.product_id, mug.product_id])
    both = f"product:{ids[0]}-{ids[1]}"
    assert news() == [
        ("product.changed", both, {"product_ids": ids}),
        (
            "product.price_changed",
            both,
            {
                "prices": [
                    {"product_id": mug.product_id, "before": "12.50", "price": "1.00"},
                    {"product_id": a.product_id, "before": "20.00", "price": "1.00"},
                ]
            },
        ),
        ("product.visibility_changed", f"product:{a.product_id}", {"variant_ids": [a.id]}),
    ]


def product_ids() -> list[int]:
    return list(Product.objects.order_by("id").values_list("id", flat=True))
