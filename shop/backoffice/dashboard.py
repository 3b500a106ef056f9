"""The first page: what happened today, and what is to be done.

However many orders and products there are, it asks by indexes, and for a bounded number of rows.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Cast, Round
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from shop.backoffice.orders import REFUND_DUE, TO_SHIP, WAITING_FOR_MONEY
from shop.backoffice.wording import money
from shop.catalog.models import Variant
from shop.inventory import queries as stock
from shop.inventory.models import StockLevel, StockMovement
from shop.orders.models import Allocation, Order
from shop.orders.rules import OrderStatus

DAYS = 7
NEWEST = 8
LOWEST = 10
# Stock runs low where something moves: what moved last is looked at, not the whole shelf.
_LAST_MOVED = 400
# Heaps are counted as far as that.
_MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Day:
    """What was ordered on one day, canceled orders left out: by currency, and how many orders."""

    day: date
    orders: int
    totals: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Low:
    """A variant of which little is left."""

    variant: Variant
    available: int


def figures(request: HttpRequest) -> dict[str, Any]:
    """Return what the first page shows to somebody with these rights."""
    user: Any = request.user
    shown: dict[str, Any] = {}
    if user.has_perm("orders.view_order"):
        shown |= _orders()
    if user.has_perm("inventory.view_stocklevel"):
        shown["low_stock"] = low_stock()
        shown["low"] = settings.LOW_STOCK
    return shown


def _orders() -> dict[str, Any]:
    days = week(timezone.localdate())
    listed = reverse("admin:orders_order_changelist")
    return {
        "today": days[-1],
        "revenue_today": _amounts([days[-1]]),
        "revenue_week": _amounts(days),
        "orders_week": sum(day.orders for day in days),
        "chart": chart(days),
        "tasks": [
            {
                "label": "To be shipped",
                "icon": "local_shipping",
                "count": _count(TO_SHIP),
                "url": f"{listed}?task=ship",
            },
            {
                "label": "Waiting for money",
                "icon": "hourglass_empty",
                "count": _count(WAITING_FOR_MONEY),
                "url": f"{listed}?task=pay",
            },
            {
                "label": "Refund due",
                "icon": "currency_exchange",
                "count": _count(REFUND_DUE),
                "url": f"{listed}?task=refund",
            },
        ],
        "newest": [
            {"order": order, "total": money(order.total, order.currency)}
            for order in Order.objects.order_by("-placed_at", "-id")[:NEWEST]
        ],
    }


def week(today: date) -> list[Day]:
    """Return the last seven days, today the last of them, in one query.

    Added in whole pennies: SQLite would add binary fractions. Each day has its own condition,
    since not every database knows the shop's time zone.
    """
    dates = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    begins = [_begin(day) for day in [*dates, today + timedelta(days=1)]]
    number = Case(
        *(When(placed_at__lt=end, then=Value(place)) for place, end in enumerate(begins[1:]))
    )
    rows = (
        Order.objects.filter(placed_at__gte=begins[0], placed_at__lt=begins[-1])
        .exclude(status=OrderStatus.CANCELED.value)
        .order_by()
        .values(place=number, money=F("currency"))
        .annotate(
            orders=Count("id"),
            pennies=Sum(Cast(Round(F("total") * 100), BigIntegerField())),
        )
    )
    totals: list[dict[str, Decimal]] = [{} for _ in dates]
    counts: defaultdict[int, int] = defaultdict(int)
    for row in rows:
        totals[row["place"]][row["money"]] = Decimal(row["pennies"]) / 100
        counts[row["place"]] += row["orders"]
    return [Day(day, counts[place], totals[place]) for place, day in enumerate(dates)]


def chart(days: Sequence[Day]) -> str:
    """Return the week as Chart.js reads it: a bar for each day, a colour for each currency."""
    currencies = sorted({name for day in days for name in day.totals}) or [settings.CURRENCY]
    shades = ("600", "400", "200")
    return json.dumps(
        {
            "labels": [date_format(day.day, "D j") for day in days],
            "datasets": [
                {
                    "label": currency,
                    "data": [float(day.totals.get(currency, 0)) for day in days],
                    "backgroundColor": f"var(--color-primary-{shades[place % len(shades)]})",
                    "borderRadius": 4,
                    "maxBarThickness": 48,
                    "displayYAxis": True,
                }
                for place, currency in enumerate(currencies)
            ],
        }
    )


def low_stock() -> list[Low]:
    """Return of what little is left, the least first, among what moved lately.

    What nobody buys and nobody delivers can stand at nothing for years; it is in the list of
    stock, and not here.
    """
    # Without a join: MariaDB would join everything there ever was before it looks what came last.
    moved = StockMovement.objects.order_by("-id").values_list("level_id", flat=True)
    wanted = Allocation.objects.order_by("-id").values_list("level_id", flat=True)
    levels = StockLevel.objects.filter(id__in={*moved[:_LAST_MOVED], *wanted[:_LAST_MOVED]})
    sold = Variant.objects.filter(
        id__in=levels.values("variant_id"), is_published=True, product__is_published=True
    )
    variants = {row.pk: row for row in sold.select_related("product")}
    left = stock.available(list(variants))
    lowest = sorted(
        (units, variants[id_].sku, id_)
        for id_, units in left.items()
        if units <= settings.LOW_STOCK
    )
    return [Low(variants[id_], units) for units, _, id_ in lowest[:LOWEST]]


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _count(heap: Q) -> str:
    found = Order.objects.filter(heap).order_by()[: _MOST_COUNTED + 1].count()
    return f"{found:,}" if found <= _MOST_COUNTED else f"more than {_MOST_COUNTED:,}"


def _amounts(days: Sequence[Day]) -> list[str]:
    """Return what days come to together, in each currency; nothing is an amount as well."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for day in days:
        for currency, total in day.totals.items():
            sums[currency] += total
    if not sums:
        return [money(Decimal(0))]
    return [money(total, currency) for currency, total in sorted(sums.items())]
