"""It is news when a level runs low, is sold out, or has something again."""

from typing import Any

import pytest

from shop.events.models import Event
from shop.inventory import actions
from shop.inventory.models import StockLevel
from shop.inventory.rules import Change, Level
from tests.builders import place, put_on_sale

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        (10, 6, []),
        (6, 5, ["stock.low"]),
        (5, 4, []),
        (10, 0, ["stock.low", "stock.sold_out"]),
        (3, 0, ["stock.sold_out"]),
        (0, 1, ["stock.returned"]),
        (0, 10, ["stock.returned"]),
        (1, 10, []),
        (0, 0, []),
    ],
)
def test_what_a_change_crosses(before: int, after: int, names: list[str]) -> None:
    level = Level(id=1, variant_id=1, location_id=1, on_hand=before + 2, promised=2)

    assert Change(level, after).thresholds(5) == names


def told() -> list[tuple[str, str, Any]]:
    """Return the news of stock since they were last asked for."""
    news = Event.objects.filter(name__startswith="stock.").order_by("id")
    rows = list(news.values_list("name", "subject", "payload"))
    news.delete()
    return rows


def level(variant_id: int, available: int) -> dict[str, int]:
    location_id = StockLevel.objects.get(variant_id=variant_id).location_id
    return {"variant_id": variant_id, "location_id": location_id, "available": available}


def test_sales_and_a_delivery() -> None:
    mug = put_on_sale("mug", stock=7)
    assert told() == [("stock.returned", f"variant:{mug}", {"levels": [level(mug, 7)]})]

    place({mug: 2})
    assert told() == [("stock.low", f"variant:{mug}", {"levels": [level(mug, 5)]})]
    place({mug: 5})
    assert told() == [("stock.sold_out", f"variant:{mug}", {"levels": [level(mug, 0)]})]

    actions.receive(units={mug: 5}, location_code="main", reference="delivery 2")
    assert told() == [("stock.returned", f"variant:{mug}", {"levels": [level(mug, 5)]})]


def test_a_delivery_of_many_is_one_piece_of_news() -> None:
    ids = [put_on_sale(f"sku-{number}", stock=0) for number in range(20)]

    actions.receive(units=dict.fromkeys(ids, 3), location_code="main", reference="delivery 2")

    expected = {"levels": [level(id_, 3) for id_ in ids]}
    assert told() == [("stock.returned", f"variant:{ids[0]}-{ids[-1]}", expected)]


def test_how_few_are_low_is_the_merchants_choice(settings: Any) -> None:
    settings.LOW_STOCK = 0
    mug = put_on_sale("mug", stock=1)
    told()

    actions.adjust(changes={mug: -1}, location_code="main", reference="broken")

    assert [name for name, _, _ in told()] == ["stock.low", "stock.sold_out"]


def test_a_location_that_closes_and_opens(settings: Any) -> None:
    mug = put_on_sale("mug")
    location_id = StockLevel.objects.get(variant_id=mug).location_id

    for is_active in (True, False, False, True):
        actions.set_location_active(location_id=location_id, is_active=is_active)

    news = Event.objects.filter(name__startswith="location.").order_by("id")
    assert list(news.values_list("name", "subject", "payload")) == [
        (f"location.{what}", f"location:{location_id}", {"location_id": location_id})
        for what in ("closed", "opened")
    ]
