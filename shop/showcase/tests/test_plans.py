"""How the database finds the rows of a list: by an index that has their order already.

The plans of SQLite stand for all: what reads a whole table there reads it everywhere.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.catalog import queries as catalog
from shop.catalog.models import Category, Product
from shop.lib.keyset import page_of_ids
from shop.showcase import queries
from shop.showcase.rules import Filters, Sorting
from shop.showcase.tests.rows import products
from tests.builders import put_on_sale

if TYPE_CHECKING:
    from django.db.models import QuerySet

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans"),
]

INDEXES = {
    Sorting.NAME: "products_by_name",
    Sorting.PRICE: "products_by_price",
    Sorting.PRICE_DESCENDING: "products_by_price",
    Sorting.NEWEST: "products_by_age",
    Sorting.RATING: "products_by_rating",
}


def plan(sorting: Sorting, **narrowing: Any) -> str:
    """Return how the first page of a list is found."""
    return first_of(catalog.narrowed(catalog.products_on_show(), **narrowing), sorting)


def first_of(rows: "QuerySet[Product]", sorting: Sorting) -> str:
    """Return how the first of these products are found, as a list asks for them."""
    with CaptureQueriesContext(connection) as captured:
        page_of_ids(rows, ordering=sorting.columns, size=24)
    (found,) = plans_of(captured)
    return found


def plans_of(captured: CaptureQueriesContext) -> list[str]:
    """Return how each query of a block was answered; better than by an index is by it alone."""
    found = []
    for query in captured.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            lines = "\n".join(row[3] for row in cursor.fetchall())
            found.append(lines.replace("USING COVERING INDEX", "USING INDEX"))
    return found


@pytest.mark.parametrize("sorting", list(Sorting))
def test_no_list_is_sorted_by_the_database(sorting: Sorting) -> None:
    """An index has the order already: the first page of a million products costs 25 rows."""
    found = plan(sorting)
    assert f"USING INDEX {INDEXES[sorting]} (is_published=?" in found
    assert "TEMP B-TREE FOR ORDER BY" not in found
    # Of the rows of the page nothing is looked up but what they are sorted by.
    assert found.count("SEARCH") == 1
    assert "SCAN" not in found


def test_cards_are_found_by_their_ids() -> None:
    for number in range(3):
        put_on_sale(f"p{number}", options=(("Colour", str(number)),))
    ids = list(Product.objects.values_list("id", flat=True))
    with CaptureQueriesContext(connection) as captured:
        queries.cards_of(ids)
    products, _ = plans_of(captured)
    # What a card says of its variants is looked up for these alone.
    assert products.count("SEARCH") == 3
    assert products.count("(product_id=?)") == 2
    assert "SCAN" not in products


@pytest.mark.parametrize("sorting", list(Sorting))
@pytest.mark.parametrize(
    "narrowing",
    [
        {"price_from": Decimal("10"), "price_to": Decimal("20")},
        {"options": {"colour": ["red", "blue"], "size": ["m"]}},
        {"in_stock": True},
    ],
    ids=["price", "options", "stock"],
)
def test_a_narrowed_list_reads_no_whole_table(
    sorting: Sorting, narrowing: Mapping[str, Any]
) -> None:
    found = plan(sorting, **narrowing)
    assert "SCAN" not in found
    assert "catalog_product USING INDEX products" in found.replace('"', "")


def test_what_is_new_is_not_sorted_either() -> None:
    found = first_of(catalog.products_in_stock(), Sorting.NEWEST)
    assert "products_in_stock_by_age (is_published=? AND in_stock=?)" in found
    assert "TEMP B-TREE FOR ORDER BY" not in found


def test_the_list_of_a_lowest_category_is_not_sorted_either() -> None:
    put_on_sale("mug", category=("Cups",))
    cups = Category.objects.get(name="Cups")
    found = first_of(catalog.products_on_show(cups), Sorting.NAME)
    assert "USING INDEX products_of_category (category_id=? AND is_published=?)" in found
    assert "TEMP B-TREE FOR ORDER BY" not in found


def test_a_later_page_begins_at_its_place_in_the_index() -> None:
    for number in range(30):
        put_on_sale(f"p{number:02}")
    onwards = products(sorting=Sorting.PRICE).next
    with CaptureQueriesContext(connection) as captured:
        queries.product_ids(filters=Filters(), sorting=Sorting.PRICE, cursor=onwards, size=24)
    (found,) = plans_of(captured)
    assert "USING INDEX products_by_price (is_published=? AND price>?)" in found
    assert "TEMP B-TREE FOR ORDER BY" not in found


def test_no_page_reads_all_products_or_variants() -> None:
    for number in range(3):
        put_on_sale(f"p{number}", category=("A", "B"), options=(("Colour", str(number)),))
    category_id = Category.objects.get(name="A").id
    with CaptureQueriesContext(connection) as captured:
        queries.home()
        queries.category(category_id)
        queries.product_list(
            filters=Filters(category=category_id, options=(("colour", "1"),)),
            sorting=Sorting.RATING,
            cursor=None,
        )
    found = plans_of(captured)
    assert len(found) == 5 + 6 + 5
    # The tree of categories is small; nothing else is read from end to end.
    read_whole = {line for text in found for line in text.splitlines() if line.startswith("SCAN")}
    assert {line.split()[1] for line in read_whole} == {"catalog_category"}
