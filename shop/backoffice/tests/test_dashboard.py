"""The first page: exact figures, for those who may see them."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from shop.backoffice import dashboard
from shop.backoffice.tests.desk import at_desk, boss_desk, member, page_of
from shop.catalog.models import Variant
from shop.inventory import actions as inventory
from shop.orders import actions
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod
from tests import builders

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


def order(price: str, at: datetime, *, currency: str = "GBP", canceled: bool = False) -> int:
    sku = f"p{price}{currency}{at.isoformat()}"[:60]
    order_id = builders.place({builders.put_on_sale(sku, price=price): 1})
    if canceled:
        actions.cancel(order_ids=[order_id], by=None)
    Order.objects.filter(pk=order_id).update(placed_at=at, currency=currency)
    return order_id


def test_a_week_is_added_exactly_by_day_and_currency() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    order("0.10", noon)
    order("0.20", noon + timedelta(minutes=1))
    order("19.99", noon, currency="EUR")
    order("5.00", noon, canceled=True)
    order("1.15", noon - timedelta(days=6, hours=12))
    order("100.00", noon - timedelta(days=6, hours=12, microseconds=1))
    order("100.00", noon + timedelta(hours=12))
    days = dashboard.week(TODAY)
    assert [day.day for day in days] == [TODAY - timedelta(days=n) for n in range(6, -1, -1)]
    assert [day.orders for day in days] == [1, 0, 0, 0, 0, 0, 3]
    assert days[0].totals == {"GBP": Decimal("1.15")}
    assert days[-1].totals == {"GBP": Decimal("0.30"), "EUR": Decimal("19.99")}
    bars = json.loads(dashboard.chart(days))
    assert [(bar["label"], bar["data"][0], bar["data"][-1]) for bar in bars["datasets"]] == [
        ("EUR", 0.0, 19.99),
        ("GBP", 1.15, 0.3),
    ]


def test_days_begin_where_the_shop_is(settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    timezone.activate("Pacific/Auckland")
    try:
        order("7.00", datetime(2026, 11, 21, 11, tzinfo=UTC))
        order("3.00", datetime(2026, 11, 21, 10, tzinfo=UTC))
        days = dashboard.week(TODAY)
    finally:
        timezone.deactivate()
    assert (days[-1].totals, days[-2].totals) == (
        {"GBP": Decimal("7.00")},
        {"GBP": Decimal("3.00")},
    )


def test_the_first_page_says_what_is_to_be_done() -> None:
    mug = builders.put_on_sale("mug", price="10.00")
    builders.place({mug: 1})
    builders.place({mug: 1}, payment=PaymentMethod.BANK_TRANSFER)
    paid = builders.place({mug: 1}, payment=PaymentMethod.BANK_TRANSFER)
    actions.mark_paid(order_ids=[paid], by=None)
    due = builders.place({mug: 1}, payment=PaymentMethod.BANK_TRANSFER)
    actions.mark_paid(order_ids=[due], by=None)
    actions.cancel(order_ids=[due], by=None)
    page = boss_desk().get("/admin/")
    assert page.context["today"].orders == 3
    assert page.context["revenue_today"] == ["£30.00"]
    assert [(task["label"], task["count"]) for task in page.context["tasks"]] == [
        ("To be shipped", "2"),
        ("Waiting for money", "1"),
        ("Refund due", "1"),
    ]
    assert [item["order"].pk for item in page.context["newest"]][:2] == [due, paid]
    assert page_of(Order.objects.get(pk=paid)) in page.content.decode()


def test_heaps_are_counted_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "_MOST_COUNTED", 1)
    mug = builders.put_on_sale("mug")
    for _ in range(2):
        builders.place({mug: 1})
    assert boss_desk().get("/admin/").context["tasks"][0]["count"] == "more than 1"


def test_low_stock_is_what_moved_and_is_nearly_gone() -> None:
    many, few, gone, hidden = (
        builders.put_on_sale(sku, stock=stock)
        for sku, stock in (("many", 6), ("few", 3), ("gone", 2), ("hidden", 1))
    )
    builders.place({gone: 2})
    Variant.objects.filter(pk=hidden).update(is_published=False)
    assert [(low.variant.sku, low.available) for low in dashboard.low_stock()] == [
        ("gone", 0),
        ("few", 3),
    ]
    builders.place({many: 1})
    inventory.receive(units={few: 10}, location_code="main", reference="x")
    assert [low.variant.sku for low in dashboard.low_stock()] == ["gone", "many"]


def test_low_stock_shows_ten() -> None:
    for number in range(12):
        builders.put_on_sale(f"p{number:02}", stock=1)
    assert len(dashboard.low_stock()) == dashboard.LOWEST


@pytest.mark.parametrize(
    ("group", "sees_orders", "sees_stock"),
    [("Orders", True, True), ("Catalogue", False, True), ("nobody", False, False)],
)
def test_figures_are_for_those_who_may_see_them(
    group: str, sees_orders: bool, sees_stock: bool
) -> None:
    builders.place({builders.put_on_sale("mug"): 1})
    page = at_desk(member("someone", group)).get("/admin/")
    assert page.status_code == 200
    assert ("Revenue" in page.content.decode()) == sees_orders
    assert ("Low stock" in page.content.decode()) == sees_stock
    assert ("newest" in page.context) == sees_orders


def test_an_empty_shop_has_a_first_page() -> None:
    page = boss_desk().get("/admin/")
    assert page.context["revenue_today"] == ["£0.00"]
    assert "No order yet." in page.content.decode()
