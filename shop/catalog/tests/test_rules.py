"""What a product may be called and cost."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.errors import InvalidProduct, Problem, RegularPriceBelowPrice, RepeatedSku
from shop.catalog.rules import (
    LONGEST_OPTION_CODE,
    ProductRow,
    check_row,
    lowest_price,
    option_code,
    sort_rows,
)


def row(**facts: Any) -> ProductRow:
    defaults: dict[str, Any] = {"sku": "mug", "name": "Mug", "price": Decimal("12.50")}
    return ProductRow(**defaults | facts)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"price": Decimal(0)},
        {"price": Decimal("999999999999.99")},
        {"price": Decimal("12.5000")},
        {"regular_price": None},
        {"regular_price": Decimal("12.50")},
        {"sku": "x" * 64, "name": "x" * 255, "product": "x" * 64},
        {"sku": "15056bl Großmutter's", "name": "Großmutter's\tmug"},
        {"category": ("x" * 200,) * 10},
        {"options": (("Colour", "Red"), ("Size", "M"))},
        {"options": (("x" * 80, "y" * 80), ("z" * 80, "v" * 80))},
    ],
)
def test_what_a_product_may_be(facts: dict[str, Any]) -> None:
    check_row(row(**facts))


@pytest.mark.parametrize(
    ("facts", "field", "problem"),
    [
        ({"sku": ""}, "sku", Problem.EMPTY),
        ({"sku": " "}, "sku", Problem.EMPTY),
        ({"sku": "x" * 65}, "sku", Problem.TOO_LONG),
        ({"sku": "mug\u200b"}, "sku", Problem.UNPRINTABLE),
        ({"sku": "mug\n"}, "sku", Problem.UNPRINTABLE),
        ({"product": ""}, "product", Problem.EMPTY),
        ({"product": "x" * 65}, "product", Problem.TOO_LONG),
        ({"product": "\x07"}, "product", Problem.UNPRINTABLE),
        ({"name": ""}, "name", Problem.EMPTY),
        ({"name": "x" * 256}, "name", Problem.TOO_LONG),
        ({"name": "M\0ug"}, "name", Problem.UNPRINTABLE),
        ({"description": "A\0"}, "description", Problem.UNPRINTABLE),
        ({"price": Decimal("-0.01")}, "price", Problem.NEGATIVE),
        ({"price": Decimal("1000000000000")}, "price", Problem.TOO_LARGE),
        ({"price": Decimal("1e400")}, "price", Problem.TOO_LARGE),
        ({"price": Decimal("0.001")}, "price", Problem.TOO_PRECISE),
        ({"price": Decimal("1e-400")}, "price", Problem.TOO_PRECISE),
        ({"price": Decimal("NaN")}, "price", Problem.NOT_AN_AMOUNT),
        ({"price": Decimal("sNaN")}, "price", Problem.NOT_AN_AMOUNT),
        ({"price": Decimal("Infinity")}, "price", Problem.NOT_AN_AMOUNT),
        ({"regular_price": Decimal("-1")}, "regular_price", Problem.NEGATIVE),
        ({"regular_price": Decimal("20.001")}, "regular_price", Problem.TOO_PRECISE),
        ({"category": ()}, "category", Problem.EMPTY),
        ({"category": ("Home", "")}, "category", Problem.EMPTY),
        ({"category": ("x" * 201,)}, "category", Problem.TOO_LONG),
        ({"category": ("x",) * 11}, "category", Problem.TOO_DEEP),
        ({"options": (("Colour", ""),)}, "options", Problem.EMPTY),
        ({"options": (("x" * 81, "Red"),)}, "options", Problem.TOO_LONG),
        ({"options": (("Colour", "Red"), ("colour ", "Blue"))}, "options", Problem.TWICE),
        (
            {"options": tuple((f"Option {number}", "x" * 70) for number in range(3))},
            "options",
            Problem.TOO_LONG,
        ),
    ],
)
def test_what_it_may_not_be(facts: dict[str, Any], field: str, problem: Problem) -> None:
    with pytest.raises(InvalidProduct) as refusal:
        check_row(row(**facts))
    assert (refusal.value.field, refusal.value.problem) == (field, problem)
    assert refusal.value.sku == facts.get("sku", "mug")


def test_a_regular_price_is_not_below_the_price() -> None:
    with pytest.raises(RegularPriceBelowPrice) as refusal:
        check_row(row(regular_price=Decimal("12.49")))
    assert refusal.value.data == {
        "sku": "mug",
        "price": Decimal("12.50"),
        "regular_price": Decimal("12.49"),
    }


def test_rows_are_sorted_into_what_can_be_and_what_cannot() -> None:
    mug, bowl = row(), row(sku="bowl")
    good, refused = sort_rows([mug, row(name=""), bowl, row(name="Other mug")])
    assert good == {0: mug, 2: bowl}
    assert {place: type(refusal) for place, refusal in refused.items()} == {
        1: InvalidProduct,
        3: RepeatedSku,
    }


def test_a_sku_that_could_not_be_does_not_count_as_the_first() -> None:
    good, refused = sort_rows([row(name=""), row()])
    assert (list(good), list(refused)) == ([1], [0])


def test_the_lowest_price_is_that_of_what_is_published() -> None:
    assert lowest_price([(Decimal(5), False), (Decimal(9), True), (Decimal(7), True)]) == 7
    assert lowest_price([(Decimal(5), False)]) is None
    assert lowest_price([]) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Red", "red"),
        ("  RED ", "red"),
        ("Light  blue", "light-blue"),
        ("light-blue", "light-blue"),
        ("38.5", "38.5"),
        ("Größe", "grösse"),
        ("Красный", "красный"),
        ("C++", "c-cedb1bac"),
        ("C#", "c-951a4d36"),
        ("***", "596f4162"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 31 + "-3164596d"),
    ],
)
def test_option_codes(name: str, code: str) -> None:
    assert option_code(name) == code


@given(st.text(min_size=1, max_size=80).filter(str.strip))
def test_every_name_has_a_code_that_an_address_can_list(name: str) -> None:
    code = option_code(name)
    assert 1 <= len(code) <= LONGEST_OPTION_CODE
    assert not set(code) & set(",:;/?#&=+% \t\n")
    assert option_code(f" {name} ") == code


@given(st.text(alphabet="ab+#*. -", min_size=1, max_size=6).filter(str.strip))
def test_names_that_differ_in_more_than_spaces_have_other_codes(name: str) -> None:
    other = name.strip() + "!"
    assert option_code(other) != option_code(name)
