"""Which price stands for a product, and what of it can be bought."""

from decimal import Decimal

import pytest

from shop.inventory.rules import FEW
from shop.showcase.rules import Choice, Picture, ProductPage, gallery_of, in_order


def choice(
    variant_id: int = 1,
    *,
    price: str = "10",
    regular: str | None = None,
    available: int = 5,
    picture: Picture | None = None,
) -> Choice:
    return Choice(
        variant_id=variant_id,
        sku=f"sku{variant_id}",
        title="",
        price=Decimal(price),
        regular_price=None if regular is None else Decimal(regular),
        available=available,
        picture=picture,
    )


def product(*choices: Choice) -> ProductPage:
    return ProductPage(product_id=1, name="Mug", description="", way=(), choices=choices)


@pytest.mark.parametrize(
    ("choices", "lead"),
    [
        ([], None),
        ([choice(1)], 1),
        ([choice(1, price="10"), choice(2, price="9")], 2),
        ([choice(1, price="9"), choice(2, price="9")], 1),
        ([choice(1, price="10"), choice(2, price="9", available=0)], 1),
        ([choice(1, price="10", available=0), choice(2, price="9", available=0)], 2),
    ],
)
def test_the_lead_is_the_cheapest_that_can_be_had(choices: list[Choice], lead: int | None) -> None:
    found = product(*choices).lead
    assert (found and found.variant_id) == lead


@pytest.mark.parametrize(
    ("choices", "costs_more"),
    [
        ([], False),
        ([choice(1)], False),
        ([choice(1), choice(2)], False),
        ([choice(1), choice(2, price="10.01")], True),
        ([choice(1), choice(2, price="9", available=0)], False),
    ],
)
def test_from_is_said_where_another_choice_costs_more(
    choices: list[Choice], costs_more: bool
) -> None:
    assert product(*choices).costs_more is costs_more


def test_only_what_is_there_can_be_bought() -> None:
    there, gone = choice(1), choice(2, available=0)
    assert product(there, gone).buyable == (there,)


@pytest.mark.parametrize(("regular", "is_reduced"), [(None, False), ("10", False), ("10.01", True)])
def test_reduced_is_what_costs_less_than_usual(regular: str | None, is_reduced: bool) -> None:
    assert choice(regular=regular).is_reduced is is_reduced


@pytest.mark.parametrize(
    ("available", "is_scarce"), [(0, False), (1, True), (FEW, True), (FEW + 1, False)]
)
def test_scarce_is_what_will_soon_be_gone(available: int, is_scarce: bool) -> None:
    assert choice(available=available).is_scarce is is_scarce


# --- Pictures -------------------------------------------------------------------------------------


def picture(name: str) -> Picture:
    return Picture(f"/media/{name}.webp", name, 8, 8)


RED, BLUE, BOX = picture("red"), picture("blue"), picture("box")


@pytest.mark.parametrize(
    ("choices", "shown"),
    [
        ([], [RED, BLUE, BOX]),
        ([choice(1)], [RED, BLUE, BOX]),
        ([choice(1, picture=RED), choice(2, price="9", picture=BLUE)], [BLUE, RED, BOX]),
        (
            [choice(1, picture=RED), choice(2, price="9", picture=BLUE, available=0)],
            [RED, BLUE, BOX],
        ),
    ],
    ids=["nothing", "no picture", "the cheapest", "what can be had"],
)
def test_the_picture_of_the_lead_comes_first(choices: list[Choice], shown: list[Picture]) -> None:
    assert gallery_of([RED, BLUE, BOX], choices) == tuple(shown)


def test_a_file_is_shown_once() -> None:
    again = Picture(RED.url, "red again", 8, 8)
    assert gallery_of([RED, BLUE, again], []) == (RED, BLUE)
    assert gallery_of([RED, BLUE, again], [choice(1, picture=again)]) == (again, BLUE)
    assert gallery_of([], [choice(1)]) == ()


# --- Options --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "ordered"),
    [
        ("L M XXL S XS XL", "XS S M L XL XXL"),
        ("12cm 120cm 8cm 1.5l 1,25l", "8cm 12cm 120cm 1,25l 1.5l"),
        ("42-45 36-38 39 39-41 L", "L 36-38 39 39-41 42-45"),
        ("Rust Amber 2 Oat", "2 Rust Amber Oat"),
        ("A5 A3 A4", "A5 A3 A4"),
    ],
)
def test_sizes_and_measures_are_in_their_order_and_words_in_the_merchants(
    given: str, ordered: str
) -> None:
    found = in_order((name.casefold(), name) for name in given.split())
    assert " ".join(name for _, name in found) == ordered
