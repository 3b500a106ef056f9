"""Adding to many rows in one statement, on every database."""

import contextlib
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from shop.inventory.models import StockLevel, StockLocation
from shop.lib.increments import add_to_rows, write_to_rows
from tests.builders import put_on_sale

pytestmark = pytest.mark.django_db


@pytest.fixture
def levels() -> list[int]:
    variants = [put_on_sale(f"thing{number}", stock=10) for number in range(3)]
    return [StockLevel.objects.get(variant_id=variant).id for variant in variants]


def figures() -> list[tuple[int, int]]:
    return list(StockLevel.objects.order_by("id").values_list("on_hand", "promised"))


def test_each_row_gets_its_own_numbers_in_one_query(levels: list[int]) -> None:
    first, second, _ = levels

    with CaptureQueriesContext(connection) as queries:
        add_to_rows(StockLevel, ["on_hand", "promised"], {first: (5, 2), second: (-4, 6)})

    assert figures() == [(15, 2), (6, 6), (10, 0)]
    assert len(queries) == 1


def test_one_field_alone(levels: list[int]) -> None:
    add_to_rows(StockLevel, ["promised"], {levels[2]: [10]})

    assert figures() == [(10, 0), (10, 0), (10, 10)]


def test_large_numbers_arrive_whole(levels: list[int]) -> None:
    add_to_rows(StockLevel, ["on_hand"], {levels[0]: [9_007_199_254_740_993]})

    assert figures()[0] == (9_007_199_254_741_003, 0)


def test_nothing_is_no_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        add_to_rows(StockLevel, ["on_hand"], {})

    assert len(queries) == 0


def test_rows_that_are_not_there_are_left_out(levels: list[int]) -> None:
    add_to_rows(StockLevel, ["on_hand"], {999_999: [1], levels[0]: [1]})

    assert figures() == [(11, 0), (10, 0), (10, 0)]


def test_constraints_hold_and_all_or_nothing(levels: list[int]) -> None:
    first, second, _ = levels

    with pytest.raises(IntegrityError), transaction.atomic():
        add_to_rows(StockLevel, ["promised"], {first: [1], second: [11]})

    assert figures() == [(10, 0)] * 3


def test_what_has_no_column_is_refused() -> None:
    with pytest.raises(ValueError, match="no column for movements"):
        add_to_rows(StockLevel, ["movements"], {1: [1]})


def test_a_large_table_is_not_read_for_a_few_rows(levels: list[int]) -> None:
    """While it is, the rows of an order are locked, and others wait for them."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite and MySQL look rows up one by one")
    told: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        told.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(note):
        add_to_rows(StockLevel, ["promised"], {levels[0]: [1], levels[1]: [1]})
    ((statement, values),) = told
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inventory_stocklevel (variant_id, location_id, on_hand, promised) "
            "SELECT -number, 1, 1, 0 FROM generate_series(1, 20000) AS number"
        )
        cursor.execute("ANALYZE inventory_stocklevel")
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("DELETE FROM inventory_stocklevel WHERE variant_id < 0")

    assert "Scan" in plan
    assert "Seq Scan on inventory_stocklevel" not in plan


def test_each_row_gets_its_own_texts_in_one_query(levels: list[int]) -> None:
    ids = list(StockLocation.objects.order_by("id").values_list("id", flat=True))
    odd = "\"quoted\", 'too', \\ and \u00fc%s"

    with CaptureQueriesContext(connection) as queries:
        write_to_rows(StockLocation, ["name", "position"], {ids[0]: (odd, 7), 999_999: ("x", 1)})

    assert list(StockLocation.objects.filter(id=ids[0]).values_list("name", "position")) == [
        (odd, 7)
    ]
    assert len(queries) == 1


@pytest.mark.overlap
@pytest.mark.django_db(transaction=True)
def test_rows_that_others_have_locked_are_not_waited_for(levels: list[int]) -> None:
    """Not even in a table of three rows, of which a database would rather read all."""
    is_locked, is_done = threading.Event(), threading.Event()

    def lock_another_one() -> None:
        with contextlib.closing(connection), transaction.atomic():
            StockLevel.objects.select_for_update().get(id=levels[1])
            is_locked.set()
            assert is_done.wait(60)

    other = threading.Thread(target=lock_another_one)
    other.start()
    assert is_locked.wait(60)
    try:
        with transaction.atomic():
            add_to_rows(StockLevel, ["on_hand"], {levels[0]: [1]})
            write_to_rows(StockLevel, ["promised"], {levels[2]: [2]})
    finally:
        is_done.set()
        other.join()

    assert figures() == [(11, 0), (10, 0), (10, 2)]
