"""`manage.py audit --repair`: stock is what its ledger and its promises add up to."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from shop.catalog.models import Product
from shop.inventory.models import StockLevel
from shop.inventory.tests.stock import everything
from shop.ops.tests.breaking import unchecked
from tests.builders import place, put_on_sale

pytestmark = pytest.mark.django_db


def repair() -> list[str]:
    out = StringIO()
    call_command("audit", "--repair", stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def mug() -> int:
    """Ten mugs, of which an open order has three."""
    mug = put_on_sale("mug", stock=10)
    place({mug: 3})
    return mug


def test_where_everything_agrees_nothing_changes(mug: int) -> None:
    before = everything()

    assert repair() == ["Everything agrees."]
    assert everything() == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"on_hand": 12}, "it said 12 and 3"),
        ({"on_hand": 4}, "it said 4 and 3"),
        ({"promised": 0}, "it said 10 and 0"),
        ({"promised": 10}, "it said 10 and 10"),
        ({"on_hand": 99, "promised": 98}, "it said 99 and 98"),
    ],
)
def test_a_level_becomes_what_its_ledger_says(mug: int, wrong: dict[str, int], said: str) -> None:
    right = everything()
    StockLevel.objects.update(**wrong)

    assert repair() == [
        f"repaired: variant mug at main: 10 on hand, 3 promised ({said})",
        "Everything agrees.",
    ]
    assert everything() == right


def test_levels_that_agree_are_left_alone(mug: int) -> None:
    put_on_sale("tea", stock=5)
    StockLevel.objects.filter(variant_id=mug).update(on_hand=7)

    assert repair()[0].startswith("repaired: variant mug at main: ")
    assert len(repair()) == 1


def test_a_product_says_again_whether_it_can_be_bought(mug: int) -> None:
    Product.objects.update(in_stock=False)

    assert repair() == ["Everything agrees."]
    assert Product.objects.get().in_stock


def test_what_is_promised_but_not_there_is_for_people_to_decide(mug: int) -> None:
    from shop.inventory.models import StockMovement

    StockMovement.objects.create(
        level=StockLevel.objects.get(),
        quantity=-8,
        reason="adjusted",
        created_at=StockMovement.objects.get().created_at,
    )
    before = everything()

    with pytest.raises(CommandError, match=r"^1 row is wrong\.$"):
        repair()
    assert everything() == before


def test_even_what_the_database_would_refuse_is_repaired(mug: int) -> None:
    right = everything()
    with unchecked(StockLevel):
        StockLevel.objects.update(promised=11)

    assert "repaired: variant mug at main: 10 on hand, 3 promised (it said 10 and 11)" in repair()
    assert everything() == right
