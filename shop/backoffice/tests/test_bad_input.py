"""Nothing that anybody can send is a fault of ours: no 500, whatever the address says."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from shop.accounts.models import User
from shop.backoffice.tests.desk import add_page, all_admins, boss_desk, list_of, page_of
from shop.backoffice.tests.test_rights import rows  # noqa: F401  (a fixture)
from shop.catalog.models import Product, Variant
from shop.inventory.models import StockLevel, StockMovement
from shop.orders.models import Order
from shop.reviews.models import Review
from tests import builders

pytestmark = pytest.mark.django_db

IDS = ("0", "999999", "9" * 30, "-1", "abc", "1_2F", "%00")
# What any list can be asked, and what only some know.
ANY_LIST = (
    "p=abc",
    "p=-1",
    "p=99999",
    f"p={'9' * 30}",
    "q=%00",
    f"q={'x' * 5000}",
    f"q={'9' * 40}",
    "o=abc",
    "o=1.2.3.4",
    "all=1",
    "e=1",
    "_facets=True",
    "id__exact=abc",
    f"id__exact={'9' * 30}",
    "id__in=1,abc",
    "nonsense=1",
    "id__nonsense=1",
    "_to_field=password",
    "_popup=1",
)
OF_LISTS: dict[type[Any], tuple[str, ...]] = {
    Order: (
        "status__exact=nonsense",
        "placed_at__gte=abc",
        "user__id__exact=abc",
        "user__password__startswith=a",
        "task=x",
    ),
    Product: ("is_published__exact=abc", "in_stock__exact=7"),
    LogEntry: (
        "timestamp__gte=abc",
        "timestamp__isnull=abc",
        "object_id__exact=abc",
        f"object_id__exact={'9' * 30}",
        "actor__password__startswith=a",
        "kind=x",
        "who=%00",
        f"who={'x' * 5000}",
    ),
    Review: ("is_hidden__exact=7", "stars=x", "stars=99"),
    StockLevel: ("left=x",),
    StockMovement: ("level__id__exact=abc", f"level__id__exact={'9' * 30}"),
    User: ("is_staff__exact=x",),
}
OF_PAGES = ("variants-page=abc", f"variants-page={'9' * 30}", "variants-page=²", "_popup=1")


@pytest.mark.parametrize("model", OF_LISTS)
def test_strange_questions_to_lists(model: type[Any], rows: dict[str, Any]) -> None:  # noqa: F811
    desk = boss_desk()
    anything = ANY_LIST if model in {Order, Product, LogEntry} else ()
    for query in (*anything, *OF_LISTS[model]):
        response = desk.get(f"{list_of(model)}?{query}", follow=True)
        assert response.status_code in {200, 400}, query
        if "password" in query:
            assert response.status_code == 400, query


def test_strange_questions_to_pages(rows: dict[str, Any]) -> None:  # noqa: F811
    desk = boss_desk()
    for query in OF_PAGES:
        assert desk.get(f"{page_of(rows['catalog.product'])}?{query}").status_code == 200, query


def test_rows_that_are_not_there(rows: dict[str, Any]) -> None:  # noqa: F811
    desk = boss_desk()
    for page in all_admins():
        base = list_of(page.model)
        for id_ in IDS:
            for name in ("change", "delete", "history"):
                for method in (desk.get, desk.post):
                    status = method(f"{base}{id_}/{name}/").status_code
                    assert status in {301, 302, 400, 403, 404}, (base, id_, name)
            for button in page.buttons:
                assert desk.post(f"{base}{id_}/{button.name}/").status_code in {302, 400, 404}


@pytest.mark.once
def test_wrong_methods(rows: dict[str, Any]) -> None:  # noqa: F811
    desk = boss_desk()
    for page in all_admins():
        row = rows.get(page.model._meta.label_lower)
        addresses = [list_of(page.model), add_page(page.model)]
        addresses += [page_of(row, button.name) for button in page.buttons]
        for address in addresses:
            for method in (desk.put, desk.patch, desk.delete, desk.options):
                assert method(address).status_code < 500, address
        for button in page.buttons:
            answer = desk.get(page_of(row, button.name))
            assert answer.status_code == (200 if button.asks else 405), (page, button.name)


@pytest.mark.parametrize(
    "said",
    [
        {"action": "ship_orders", "index": "0", "_selected_action": ["abc"]},
        {"action": "ship_orders", "index": "0", "_selected_action": ["9" * 30]},
        {"action": "ship_orders", "index": "abc", "_selected_action": ["999999"]},
        {"action": "nonsense", "index": "0", "_selected_action": ["1"]},
        {"action": "delete_selected", "index": "0", "_selected_action": ["1"], "post": "yes"},
        {"action": "ship_orders", "index": "0", "select_across": "abc", "_selected_action": ["1"]},
        {"action": "ship_orders", "index": "0"},
        {"index": "-5"},
        {},
    ],
)
def test_strange_bulk_actions(said: dict[str, Any]) -> None:
    from shop.orders.tests.records import everything

    builders.place({builders.put_on_sale("mug"): 1})
    before = everything()
    order_id = Order.objects.get().pk
    wrong = {k: (v if v != ["1"] else [str(order_id)]) for k, v in said.items()}
    if "ship_orders" in str(wrong) and str(order_id) in str(wrong.get("_selected_action")):
        wrong["action"] = "nonsense"
    response = boss_desk().post(list_of(Order), wrong, follow=True)
    assert response.status_code == 200
    assert everything() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"variants-TOTAL_FORMS": "abc"},
        {"variants-TOTAL_FORMS": "-1"},
        pytest.param(
            {"variants-TOTAL_FORMS": "99999999"}, marks=[pytest.mark.once, pytest.mark.long]
        ),
        {"variants-INITIAL_FORMS": "99"},
        {"variants-0-id": "abc"},
        {"variants-0-id": "9" * 30},
        {"variants-0-product": "999999"},
        {"name": SimpleUploadedFile("a.jpg", b"x")},
        {"is_published": "maybe"},
        {},
    ],
)
def test_strange_forms(wrong: dict[str, Any]) -> None:
    from shop.backoffice.tests.desk import filled_in

    builders.put_on_sale("mug")
    product = Product.objects.get()
    desk = boss_desk()
    said = filled_in(desk.get(page_of(product))) | wrong if wrong else {}
    before = list(Variant.objects.values_list())
    response = desk.post(page_of(product), said)
    assert response.status_code in {200, 302}
    assert list(Variant.objects.values_list()) == before
    assert Product.objects.get().name == "Mug"


@pytest.mark.once
def test_a_huge_form_is_refused(rows: dict[str, Any]) -> None:  # noqa: F811
    desk = boss_desk()
    product = rows["catalog.product"]
    said = {"name": "x" * 2_000_000}
    assert desk.post(page_of(product), said).status_code in {200, 400, 413}
    many = {f"field-{n}": "x" for n in range(2_000)}
    assert desk.post(page_of(product), many).status_code == 400
    body = "x" * 2_000_000
    kind = "application/x-www-form-urlencoded"
    assert desk.post(page_of(product), body, content_type=kind).status_code in {400, 413}
    said_wrongly = desk.post(page_of(product), "{no json", content_type="application/json")
    assert said_wrongly.status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/admin/search/?s=pro",
        "/admin/search/?s=pro&page=abc",
        "/admin/search/?s=pro&page=99",
        "/admin/search/?s=%00&extended=1",
        "/admin/search/",
        "/admin/autocomplete/",
        "/admin/autocomplete/?app_label=x&model_name=y&field_name=z",
        "/admin/autocomplete/?app_label=catalog&model_name=product&field_name=name",
        "/admin/autocomplete/?app_label=catalog&model_name=product&field_name=category&page=abc",
        "/admin/autocomplete/?app_label=catalog&model_name=product&field_name=category&page=99",
        "/admin/autocomplete/?app_label=catalog&model_name=product&field_name=category&term=%00",
        "/admin/autocomplete/?app_label=orders&model_name=order&field_name=user&term=a",
        "/admin/jsi18n/",
        "/admin/nonsense/",
        "/admin/catalog/",
        "/admin/catalog/nonsense/",
        "/admin/r/1/1/",
        "/admin/r/abc/abc/",
        "/admin/accounts/user/1/password/",
        "/admin/password_change/",
    ],
)
def test_strange_addresses(address: str, alice: Any) -> None:
    response = boss_desk().get(address)
    assert response.status_code < 500
