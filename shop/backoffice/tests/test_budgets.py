"""However many rows there are, a page asks as much: every list, and the pages of one row."""

from collections import Counter
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from shop.backoffice import lists
from shop.backoffice.lists import CappedPaginator
from shop.backoffice.tests.desk import all_admins, at_desk, boss_desk, list_of, page_of
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.tests.rows import put, shirt
from shop.events.models import Delivery, DeliveryAttempt, Webhook
from shop.inventory.models import StockLevel, StockLocation, StockMovement
from shop.letters.models import Letter
from shop.orders.models import Order, OrderEvent, OrderLine
from shop.reviews.models import Review
from tests import builders
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# A list is counted, to a limit, and read; superusers are not asked for their rights.
BUDGETS: dict[str, dict[str, int]] = {
    "accounts.User": {"SELECT accounts_user": 3},
    "auditlog.LogEntry": {"SELECT auditlog_logentry": 2},
    "auth.Group": {"SELECT auth_group": 2},
    "catalog.Category": {"SELECT catalog_category": 2},
    "catalog.Option": {"SELECT catalog_option": 2},
    "catalog.OptionValue": {"SELECT catalog_optionvalue": 2},
    "catalog.Product": {"SELECT catalog_product": 2, "SELECT catalog_productimage": 1},
    "catalog.ProductImage": {"SELECT catalog_productimage": 2},
    "catalog.Variant": {"SELECT catalog_variant": 2},
    # Named after what was answered last, which is looked up within the list.
    "events.Delivery": {"SELECT events_delivery": 1, "SELECT events_deliveryattempt": 1},
    "events.Schedule": {"SELECT events_schedule": 2},
    "events.Webhook": {"SELECT events_webhook": 2},
    "inventory.StockLevel": {"SELECT inventory_stocklevel": 2},
    "inventory.StockLocation": {"SELECT inventory_stocklocation": 2},
    "inventory.StockMovement": {"SELECT inventory_stockmovement": 2},
    "letters.Letter": {"SELECT letters_letter": 2},
    "orders.Order": {"SELECT orders_order": 2},
    "reviews.Review": {"SELECT reviews_review": 2},
}


def fill(first: int, last: int) -> None:
    """Make rows of everything there is, with these numbers."""
    numbers = range(first, last)
    for n in numbers:
        put(shirt(f"v{n}", options=((f"Option {n}", f"Value {n}"),), product=f"p{n}"))
        Category.objects.add_root({"name": f"Category {n}"})
    variants = list(Variant.objects.filter(sku__in=[f"v{n}" for n in numbers]))
    users = get_user_model().objects.bulk_create(
        get_user_model()(username=f"u{n}", username_key=f"u{n}", email_key=f"u{n}@x")
        for n in numbers
    )
    Group.objects.bulk_create(Group(name=f"Group {n}") for n in numbers)
    fill_shelves(numbers, variants, users)
    fill_books(numbers, users)
    fill_webhooks(numbers)
    for variant, user in zip(variants, users, strict=True):
        ProductImage.objects.create(product_id=variant.product_id, file=f"{variant.pk}.webp")
        Review.objects.create(product_id=variant.product_id, user=user, rating=4)
        LogEntry.objects.log_create(
            variant, action=1, changes={"price": ["1", "2"]}, actor=user, force_log=True
        )


def fill_shelves(numbers: range, variants: list[Any], users: list[Any]) -> None:
    places = StockLocation.objects.bulk_create(
        StockLocation(code=f"l{n}", name=f"Place {n}") for n in numbers
    )
    levels = StockLevel.objects.bulk_create(
        StockLevel(variant=variant, location=place, on_hand=9)
        for variant, place in zip(variants, places, strict=True)
    )
    now = timezone.now()
    StockMovement.objects.bulk_create(
        StockMovement(level=level, quantity=9, reason="received", by=user, created_at=now)
        for level, user in zip(levels, users, strict=True)
    )


def fill_books(numbers: range, users: list[Any]) -> None:
    amounts = ("goods_total", "shipping_total", "tax_total", "discount_total", "total")
    placed = Order.objects.bulk_create(
        Order(
            number=f"N{n}",
            origin=f"o:{n}",
            user=user,
            currency="GBP",
            placed_at=timezone.now(),
            payment_method="on_delivery",
            **dict.fromkeys(amounts, 1),
        )
        for n, user in zip(numbers, users, strict=True)
    )
    numbered = {order.number for order in placed}
    Letter.objects.bulk_create(
        Letter(kind="placed", order=order, recipient="a@example.com", written_at=timezone.now())
        for order in Order.objects.filter(number__in=numbered)
    )


def fill_webhooks(numbers: range) -> None:
    now = timezone.now()
    hooks = Webhook.objects.bulk_create(
        Webhook(url=f"https://erp.example/{n}", state_since=now, created_at=now) for n in numbers
    )
    deliveries = Delivery.objects.bulk_create(
        Delivery(webhook=hook, message_id=f"evt_{hook.pk}", due_at=now, created_at=now)
        for hook in hooks
    )
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(delivery=delivery, at=now, milliseconds=1, status=500)
        for delivery in deliveries
    )


def asked(desk: Client, address: str) -> Counter[str]:
    """Return what a page asks, besides who is there; its second showing, when all is warm."""
    desk.get(address)
    with queries_named() as names:
        assert desk.get(address).status_code == 200
    return Counter(names) - Counter({"SELECT django_session": 1})


def test_lists_ask_the_same_for_ten_rows_and_for_sixty() -> None:
    desk = boss_desk()
    fill(0, 10)
    few = {a.model._meta.label: asked(desk, list_of(a.model)) for a in all_admins()}
    fill(10, 60)
    many = {a.model._meta.label: asked(desk, list_of(a.model)) for a in all_admins()}
    assert many == few
    who = Counter({"SELECT accounts_user": 1})
    assert few == {label: who | Counter(budget) for label, budget in BUDGETS.items()}


def test_searches_ask_the_same_for_ten_rows_and_for_sixty() -> None:
    desk = boss_desk()
    searched = [a.model for a in all_admins() if a.search_fields]
    fill(0, 10)
    few = [asked(desk, f"{list_of(model)}?q=v1") for model in searched]
    fill(10, 60)
    assert [asked(desk, f"{list_of(model)}?q=v1") for model in searched] == few


def test_look_ups_ask_the_same_for_ten_rows_and_for_sixty() -> None:
    desk = boss_desk()
    addresses = [
        f"/admin/autocomplete/?app_label={app}&model_name={model}&field_name={field}&term="
        for app, model, field in (
            ("catalog", "product", "category"),
            ("catalog", "variantvalue", "value"),
            ("catalog", "optionvalue", "option"),
        )
    ]
    fill(0, 10)
    few = [asked(desk, address) for address in addresses]
    fill(10, 60)
    assert [asked(desk, address) for address in addresses] == few
    answer = desk.get(addresses[1]).json()
    assert answer["results"][0]["text"] == "Option 0: Value 0"
    assert len(answer["results"]) == 20
    assert answer["pagination"] == {"more": True}


def family(size: int) -> Product:
    """Return a product of so many variants with options, pictures, and stock in two places."""
    code = f"family-{size}"
    put(*(shirt(f"{code}-{n}", options=(("Size", f"S{n}"),), product=code) for n in range(size)))
    product = Product.objects.get(code=code)
    places = [StockLocation.objects.get_or_create(code=f"l{n}")[0] for n in range(2)]
    StockLevel.objects.bulk_create(
        StockLevel(variant=variant, location=place, on_hand=1)
        for variant in product.variants.all()
        for place in places
    )
    ProductImage.objects.bulk_create(
        ProductImage(product=product, file=f"pictures/{n}.webp") for n in range(size)
    )
    return product


def test_the_page_of_a_product_asks_the_same_for_two_variants_and_for_twenty() -> None:
    desk = boss_desk()
    small, large = family(2), family(20)
    for name in ("change", "receive", "adjust", "add-picture"):
        assert asked(desk, page_of(small, name)) == asked(desk, page_of(large, name)), name
    assert sum(asked(desk, page_of(large)).values()) <= 16


def test_saving_a_product_asks_no_more_for_more_variants_than_it_must() -> None:
    """Django looks up each row of a form by itself; nothing else grows."""
    from shop.backoffice.tests.desk import filled_in

    desk = boss_desk()

    def saved(product: Product) -> Counter[str]:
        said = filled_in(desk.get(page_of(product)))
        with queries_named() as names:
            assert desk.post(page_of(product), said).status_code == 302
        return Counter(names)

    assert saved(family(20)) - saved(family(2)) == {"SELECT catalog_variant": 18}


def test_a_product_of_many_variants_shows_some_at_a_time() -> None:
    product = family(31)
    page = boss_desk().get(page_of(product))
    (inline,) = page.context["inline_admin_formsets"]
    assert len(inline.formset.initial_forms) == 30
    second = boss_page_two(product)
    assert [form.instance.sku for form in second] == ["family-31-30"]


def boss_page_two(product: Product) -> list[Any]:
    desk = at_desk(get_user_model().objects.get(username="boss"))
    page = desk.get(f"{page_of(product)}?variants-page=2")
    forms: list[Any] = page.context["inline_admin_formsets"][0].formset.initial_forms
    return forms


def order_of(lines: int) -> Order:
    variant = builders.put_on_sale(f"sku-{lines}", stock=100)
    order = Order.objects.get(pk=builders.place({variant: 1}))
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=n,
            variant_id=variant,
            sku="x",
            name="X",
            quantity=1,
            unit_price=1,
            amount=1,
            tax=0,
        )
        for n in range(2, lines + 1)
    )
    chief = get_user_model().objects.get(username="boss")
    OrderEvent.objects.bulk_create(
        OrderEvent(order=order, kind="paid", at=order.placed_at, by=chief) for _ in range(lines)
    )
    return order


def test_the_page_of_an_order_asks_the_same_for_two_lines_and_for_fifty() -> None:
    desk = boss_desk()
    small, large = order_of(2), order_of(50)
    few = asked(desk, page_of(small))
    assert asked(desk, page_of(large)) == few
    assert few["SELECT orders_orderline"] == few["SELECT orders_orderevent"] == 1


def test_the_first_page_asks_the_same_for_ten_rows_and_for_sixty() -> None:
    desk = boss_desk()
    fill(0, 10)
    few = asked(desk, "/admin/")
    fill(10, 60)
    assert asked(desk, "/admin/") == few
    # The week, three heaps and the newest; what moved, what was wanted, and what is left of it.
    assert few == {
        "SELECT accounts_user": 1,
        "SELECT orders_order": 5,
        "SELECT inventory_stockmovement": 1,
        "SELECT orders_allocation": 1,
        "SELECT catalog_variant": 1,
        "SELECT inventory_stocklevel": 1,
    }


def test_nothing_is_counted_past_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_ROWS", 20)
    desk = boss_desk()
    fill(0, 30)
    page = desk.get(list_of(Order))
    assert page.context["cl"].result_count == 20
    assert "20 or more" in page.content.decode()
    assert "LIMIT 20" in _count_of(desk, list_of(Order))


def _count_of(desk: Client, address: str) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        desk.get(address)
    return next(q["sql"] for q in captured.captured_queries if "COUNT(" in q["sql"])


def test_every_list_is_bounded() -> None:
    for page in all_admins():
        assert page.paginator is CappedPaginator, page
        assert page.show_full_result_count is False
        assert page.show_facets is admin.ShowFacets.NEVER
        assert page.list_max_show_all == 0
        assert page.list_per_page <= 100
        assert page.sortable_by == ()
        assert page.date_hierarchy is None


def test_lists_are_searched_by_what_is_exact_or_begins_so() -> None:
    for page in all_admins():
        for name in page.search_fields:
            assert name.endswith(("__exact", "__istartswith")), (page, name)


def test_filters_list_no_rows() -> None:
    """Of the fields, only those that have few values; of the rest, only what is written by hand."""
    for page in all_admins():
        for spec in page.list_filter:
            if isinstance(spec, str):
                field = page.model._meta.get_field(spec)
                is_flag = field.get_internal_type() == "BooleanField"
                assert is_flag or field.choices, (page, spec)
            elif isinstance(spec, tuple):
                assert spec[1] is admin.DateFieldListFilter
            else:
                assert issubclass(spec, admin.SimpleListFilter)


def test_lists_that_are_no_queries_are_counted_too() -> None:
    assert CappedPaginator(range(3), 2).count == 3
