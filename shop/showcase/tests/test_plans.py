"""How the database finds the rows of a list: by an index that has their order already.

The plans of SQLite stand for all: what reads a whole table there reads it everywhere.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.catalog import queries as catalog
from shop.catalog.models import Category
from shop.showcase import queries
from shop.showcase.rules import Filters, Sorting
from tests.builders import put_on_sale

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
    rows = catalog.as_cards(catalog.narrowed(catalog.products_on_show(), **narrowing))
    return rows.order_by(*sorting.columns)[:25].explain()


def plans_of(captured: CaptureQueriesContext) -> list[str]:
    """Return how each query of a block was answered."""
    found = []
    for query in captured.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            found.append("\n".join(row[3] for row in cursor.fetchall()))
    return found


@pytest.mark.parametrize("sorting", list(Sorting))
def test_no_list_is_sorted_by_the_database(sorting: Sorting) -> None:
    """An index has the order already: the first page of a million products costs 25 rows."""
    found = plan(sorting)
    assert f"USING INDEX {INDEXES[sorting]} (is_published=?" in found
    assert "TEMP B-TREE FOR ORDER BY" not in found
    # What a card says of its variants is looked up for the rows of the page alone.
    assert found.count("SEARCH") == 3
    assert found.count("(product_id=?)") == 2
    assert "SCAN" not in found


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
    found = (
        catalog.as_cards(catalog.products_in_stock())
        .order_by(*Sorting.NEWEST.columns)[:9]
        .explain()
    )
    assert "products_in_stock_by_age (is_published=? AND in_stock=?)" in found
    assert "TEMP B-TREE FOR ORDER BY" not in found


def test_the_list_of_a_lowest_category_is_not_sorted_either() -> None:
    put_on_sale("mug", category=("Cups",))
    cups = Category.objects.get(name="Cups")
    found = (
        catalog.as_cards(catalog.products_on_show(cups))
        .order_by(*Sorting.NAME.columns)[:25]
        .explain()
    )
    assert "USING INDEX products_of_category (category_id=? AND is_published=?)" in found
    assert "TEMP B-TREE FOR ORDER BY" not in found


def test_a_later_page_begins_at_its_place_in_the_index() -> None:
    for number in range(30):
        put_on_sale(f"p{number:02}")
    onwards = queries.products(sorting=Sorting.PRICE).next
    with CaptureQueriesContext(connection) as captured:
        queries.products(sorting=Sorting.PRICE, cursor=onwards)
    products, *_ = plans_of(captured)
    assert "USING INDEX products_by_price (is_published=? AND price>?)" in products
    assert "TEMP B-TREE FOR ORDER BY" not in products


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
    assert len(found) == 4 + 5 + 4
    # The tree of categories is small; nothing else is read from end to end.
    read_whole = {line for text in found for line in text.splitlines() if line.startswith("SCAN")}
    assert {line.split()[1] for line in read_whole} == {"catalog_category"}
