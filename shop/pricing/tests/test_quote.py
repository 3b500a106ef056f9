"""What a purchase costs, to the penny (docs/promises/price.md)."""

from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction
from itertools import permutations
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.pricing.rules import LARGEST_AMOUNT, Item, Quote, Terms, quote, round_money

pytestmark = pytest.mark.once

POUNDS = Terms(currency="GBP")

prices = st.decimals(0, LARGEST_AMOUNT, places=4)
quantities = st.integers(1, 2**31 - 1)
items_ = st.builds(Item, quantity=quantities, unit_price=prices)
pence = st.decimals(0, 10_000, places=2)


def half_up(amount: Fraction) -> Decimal:
    """Round an exact number that is not negative, by the rule as it is taught at school."""
    return Decimal(floor(amount * 100 + Fraction(1, 2))) / 100


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0", "0.00"),
        ("0.004", "0.00"),
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("1.0049999999999999999999", "1.00"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("-0.0049", "-0.00"),
        ("999999999999.985", "999999999999.99"),
    ],
)
def test_halves_are_rounded_away_from_zero(amount: str, rounded: str) -> None:
    result = round_money(Decimal(amount))

    assert str(result) == rounded


def test_how_a_program_rounds_elsewhere_does_not_matter() -> None:
    with localcontext(rounding=ROUND_DOWN):
        assert round_money(Decimal("0.999")) == Decimal("1.00")


def test_a_quote_to_the_penny() -> None:
    items = [
        Item(quantity=3, unit_price=Decimal("0.335")),
        Item(quantity=1, unit_price=Decimal("0.335")),
        Item(quantity=2, unit_price=Decimal("12.50")),
    ]

    result = quote(items, terms=Terms(currency="GBP", shipping=Decimal("4.95")))

    assert result == Quote(
        currency="GBP",
        amounts=(Decimal("1.01"), Decimal("0.34"), Decimal("25.00")),
        goods=Decimal("26.35"),
        shipping=Decimal("4.95"),
        tax=Decimal("0.00"),
        discount=Decimal("0.00"),
    )
    assert result.total == Decimal("31.30")


def test_lines_are_rounded_before_they_are_added() -> None:
    """Two lines of half a penny are two pence: each is a line of the invoice by itself."""
    half_a_penny = Item(quantity=1, unit_price=Decimal("0.005"))

    assert quote([half_a_penny, half_a_penny], terms=POUNDS).goods == Decimal("0.02")
    assert quote([Item(2, Decimal("0.005"))], terms=POUNDS).goods == Decimal("0.01")


def test_the_total_is_goods_shipping_and_tax_less_the_discount() -> None:
    result = Quote(
        currency="GBP",
        amounts=(Decimal(10),),
        goods=Decimal(10),
        shipping=Decimal(4),
        tax=Decimal(2),
        discount=Decimal(1),
    )

    assert result.total == Decimal(15)


def test_nothing_costs_nothing() -> None:
    result = quote([], terms=POUNDS)

    assert (result.amounts, str(result.goods), str(result.total)) == ((), "0.00", "0.00")


def test_the_dearest_line_there_can_be_is_exact() -> None:
    """No digit is lost, although it is longer than a float or a column can hold."""
    result = quote([Item(2**31 - 1, LARGEST_AMOUNT)], terms=POUNDS)

    assert str(result.total) == "2147483646999978525163.53"


@given(st.lists(items_, max_size=8), pence)
@settings(deadline=None)
def test_every_line_is_rounded_half_up_and_the_goods_are_their_sum(
    items: list[Item], shipping: Decimal
) -> None:
    result = quote(items, terms=Terms(currency="GBP", shipping=shipping))

    exact = [Fraction(item.unit_price) * item.quantity for item in items]
    assert list(result.amounts) == [half_up(amount) for amount in exact]
    assert Fraction(result.goods) == sum(map(Fraction, result.amounts))
    assert Fraction(result.total) == Fraction(result.goods) + Fraction(shipping)
    # No line is off by more than half a penny.
    for amount, rounded in zip(exact, result.amounts, strict=True):
        assert abs(Fraction(rounded) - amount) <= Fraction(1, 200)


@given(st.lists(items_, min_size=2, max_size=4))
@settings(deadline=None, max_examples=30)
def test_the_order_of_the_lines_changes_nothing_but_their_order(items: list[Item]) -> None:
    first = quote(items, terms=POUNDS)

    for order in permutations(range(len(items))):
        other = quote([items[place] for place in order], terms=POUNDS)
        assert other.amounts == tuple(first.amounts[place] for place in order)
        assert (other.goods, other.total) == (first.goods, first.total)


@given(st.lists(st.builds(Item, quantity=quantities, unit_price=pence), max_size=8))
@settings(deadline=None)
def test_whole_pence_are_never_rounded(items: list[Item]) -> None:
    result = quote(items, terms=POUNDS)

    assert result.goods == sum(item.unit_price * item.quantity for item in items)
    assert all(amount.as_tuple().exponent == -2 for amount in (*result.amounts, result.goods))
