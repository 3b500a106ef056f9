"""Columns that are the same on every database."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from shop.lib.fields import ExactCharField, amount_field


@pytest.mark.parametrize(
    ("vendor", "collation"), [("mysql", "utf8mb4_bin"), ("sqlite", None), ("postgresql", None)]
)
def test_only_mysql_has_to_be_told_to_compare_exactly(vendor: str, collation: str | None) -> None:
    field = ExactCharField(max_length=10)
    other = SimpleNamespace(
        vendor=vendor,
        ops=connection.ops,
        data_types=connection.data_types,
        data_type_check_constraints={},
    )

    parameters = field.db_parameters(cast("Any", other))

    assert parameters["collation"] == collation
    assert parameters["type"]


@pytest.mark.parametrize("amount", ["0", "0.00", "999999999999.99", "-1.5"])
def test_amounts_that_fit(amount: str) -> None:
    field: Any = amount_field()

    assert field.clean(Decimal(amount), None) == Decimal(amount)


@pytest.mark.parametrize("amount", ["0.001", "1000000000000.00", "NaN", "Infinity", "many"])
def test_amounts_that_do_not(amount: str) -> None:
    field: Any = amount_field()

    with pytest.raises(ValidationError):
        field.clean(amount, None)


def test_amounts_take_the_options_of_a_field() -> None:
    assert amount_field(null=True).null
    assert not amount_field().null
