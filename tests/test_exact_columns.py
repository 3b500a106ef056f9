"""Names for machines compare byte for byte on every database, whatever migrations did to them."""

import pytest
from django.apps import apps
from django.db import connection

from shop.lib.fields import ExactCharField

EXACT = sorted(
    (model._meta.db_table, field.column)
    for model in apps.get_models()
    for field in model._meta.local_fields
    if isinstance(field, ExactCharField) and model.__module__.startswith("shop.")
)


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "column"), EXACT)
def test_upper_and_lower_case_are_two(table: str, column: str) -> None:
    if connection.vendor != "mysql":
        pytest.skip("compares exactly unless it is told otherwise")
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)

    assert {item.name: item.collation for item in columns}[column] == "utf8mb4_bin"
