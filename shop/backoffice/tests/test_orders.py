"""Staff find orders and bring them to their end; what cannot be done says so."""

from typing import Any

import pytest

from shop.backoffice.tests.desk import at_desk, boss_desk, list_of, member, page_of, sentences
from shop.orders import actions
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod
from shop.orders.tests.records import everything, history, states
from tests import builders

pytestmark = pytest.mark.django_db

STEPS = ("pay", "ship", "complete", "cancel")


def place(*, bank: bool = False, user: Any = None) -> Order:
    mug = builders.put_on_sale("mug")
    payment = PaymentMethod.BANK_TRANSFER if bank else PaymentMethod.ON_DELIVERY
    return Order.objects.get(pk=builders.place({mug: 2}, payment=payment, user=user))


def shown(desk: Any, order: Order) -> set[str]:
    page = desk.get(page_of(order)).content.decode()
    return {name for name in STEPS if page_of(order, name) in page}


def test_an_order_is_paid_shipped_and_completed_by_buttons() -> None:
    olga, order = member("olga", "Orders"), place()
    desk = at_desk(olga)
    for name in ("pay", "ship", "complete"):
        assert desk.post(page_of(order, name)).headers["Location"] == page_of(order)
    assert states() == {order.pk: "Completed, Paid, Shipped"}
    assert history(order.pk) == [("paid", "olga"), ("shipped", "olga"), ("completed", "olga")]
    page = desk.get(page_of(order)).content.decode()
    assert "by olga" in page
    assert builders.breaches() == []


def test_another_site_cannot_press_a_button() -> None:
    from django.test import Client

    order = place()
    client = Client(enforce_csrf_checks=True)
    client.force_login(member("olga", "Orders"))
    before = everything()
    for name in STEPS:
        assert client.post(page_of(order, name)).status_code == 403
    assert everything() == before


def test_canceling_asks_first() -> None:
    desk, order = boss_desk(), place()
    page = desk.get(page_of(order, "cancel"))
    assert "cannot be undone" in page.content.decode()
    assert states() == {order.pk: "Pending, Unpaid, Unshipped"}
    response = desk.post(page_of(order, "cancel"))
    assert sentences(response) == [f"Order {order.number} has been canceled."]
    assert states() == {order.pk: "Canceled, Unpaid, Unshipped"}


def test_only_buttons_that_work_are_shown() -> None:
    desk = boss_desk()
    bank = place(bank=True)
    assert shown(desk, bank) == {"pay", "cancel"}
    order = place()
    assert shown(desk, order) == {"pay", "ship", "cancel"}
    actions.ship(order_ids=[order.pk], by=None)
    assert shown(desk, order) == {"pay"}
    actions.mark_paid(order_ids=[order.pk], by=None)
    assert shown(desk, order) == {"complete"}
    actions.complete(order_ids=[order.pk], by=None)
    assert shown(desk, order) == set()


@pytest.mark.parametrize("name", STEPS)
def test_what_cannot_be_done_is_a_message(name: str) -> None:
    order = place()
    actions.cancel(order_ids=[order.pk], by=None)
    before = everything()
    response = boss_desk().post(page_of(order, name))
    assert response.status_code == 302
    assert sentences(response) == [
        f"Order {order.number} was canceled before; nothing can be done with it."
    ]
    assert everything() == before


def test_orders_are_shipped_in_bulk() -> None:
    orders = [place(), place()]
    said = {"action": "ship_orders", "index": "0", "_selected_action": [o.pk for o in orders]}
    desk, before = boss_desk(), everything()
    page = desk.post(list_of(Order), said)
    assert "2 orders, £" in page.context["question"]
    assert everything() == before
    response = desk.post(list_of(Order), sent_by(page))
    assert sentences(response) == ["Orders done: 2."]
    assert set(states().values()) == {"Pending, Unpaid, Shipped"}


def test_of_many_orders_all_are_shipped_or_none() -> None:
    good, bank = place(), place(bank=True)
    before = everything()
    said = {"action": "ship_orders", "index": "0", "_selected_action": [good.pk, bank.pk]}
    desk = boss_desk()
    response = desk.post(list_of(Order), sent_by(desk.post(list_of(Order), said)))
    assert sentences(response) == [
        f"Order {bank.number} has not been paid yet. Nothing was changed."
    ]
    assert everything() == before


def test_canceling_many_asks_what_canceling_one_asks() -> None:
    orders = [place(), place()]
    Order.objects.filter(pk=orders[0].pk).update(currency="EUR", total=7)
    before = everything()
    said = {"action": "cancel_orders", "index": "0", "_selected_action": [o.pk for o in orders]}
    question = boss_desk().post(list_of(Order), said).context["question"]
    assert question.startswith(f"2 orders, €7.00 and £{orders[1].total} in all. ")
    assert question.endswith("This cannot be undone.")
    assert everything() == before


def test_orders_that_are_not_there_are_not_done() -> None:
    order, desk = place(), boss_desk()
    for chosen, sentence in (
        ([999_999], "There are no such rows. Nothing was changed."),
        ([order.pk, 999_999], "Some of these rows are not there any more. Nothing was changed."),
    ):
        said = {"action": "ship_orders", "index": "0", "_selected_action": chosen}
        response = desk.post(list_of(Order), said | {"is_meant": "yes"}, follow=True)
        assert [str(message) for message in response.context["messages"]] == [sentence]
    assert states() == {order.pk: "Pending, Unpaid, Unshipped"}


def sent_by(page: Any) -> dict[str, Any]:
    """Return what the page that asks would send."""
    said: dict[str, Any] = {}
    for name, value in page.context["sent"]:
        said.setdefault(name, []).append(value)
    return said


def test_orders_are_listed_by_when_they_were_placed() -> None:
    from datetime import timedelta

    late, early = place(), place()
    Order.objects.filter(pk=early.pk).update(placed_at=late.placed_at - timedelta(days=1))
    rows = boss_desk().get(list_of(Order)).context["cl"].result_list
    assert [row.pk for row in rows] == [late.pk, early.pk]


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ({"number": "ABC2DEFG"}, "abc2defg"),
        ({"email": "maya@example.com"}, "Maya@Example.COM"),
        ({"email": "Maya@Example.com"}, "Maya@Example.com"),
    ],
)
def test_an_order_is_found_in_any_case(stored: dict[str, str], typed: str) -> None:
    order = place()
    place()
    Order.objects.filter(pk=order.pk).update(**stored)
    found = boss_desk().get(list_of(Order), {"q": f" {typed} "}).context["cl"].result_list
    assert [row.pk for row in found] == [order.pk]


def test_whoever_only_looks_has_no_buttons() -> None:
    from django.contrib.auth.models import Permission

    order, looker = place(), member("lou")
    looker.user_permissions.add(Permission.objects.get(codename="view_order"))
    desk = at_desk(looker)
    assert shown(desk, order) == set()
    assert b"ship_orders" not in desk.get(list_of(Order)).content
    before = everything()
    for name in STEPS:
        assert desk.post(page_of(order, name)).status_code == 403
    said = {"action": "ship_orders", "index": "0", "_selected_action": [order.pk]}
    desk.post(list_of(Order), said)
    assert everything() == before


@pytest.mark.parametrize("field", ["number", "email", "origin"])
def test_an_order_is_found_by_what_is_exact(field: str, alice: Any) -> None:
    order = place(user=alice)
    place()
    desk = boss_desk()
    found = desk.get(list_of(Order), {"q": getattr(order, field)}).context["cl"].result_list
    assert [row.pk for row in found] == [order.pk]
    part = getattr(order, field)[:-1]
    assert not desk.get(list_of(Order), {"q": part}).context["cl"].result_list


@pytest.mark.parametrize(
    ("task", "expected"),
    [("pay", {"bank"}), ("ship", {"plain"}), ("way", {"sent"}), ("refund", {"refund"}), ("x", 4)],
)
def test_orders_are_listed_by_what_is_to_be_done(task: str, expected: Any) -> None:
    orders = {
        "bank": place(bank=True),
        "plain": place(),
        "sent": place(),
        "refund": place(bank=True),
    }
    actions.ship(order_ids=[orders["sent"].pk], by=None)
    actions.mark_paid(order_ids=[orders["refund"].pk], by=None)
    actions.cancel(order_ids=[orders["refund"].pk], by=None)
    names = {order.pk: name for name, order in orders.items()}
    rows = boss_desk().get(list_of(Order), {"task": task}).context["cl"].result_list
    assert (len(rows) if task == "x" else {names[row.pk] for row in rows}) == expected


def test_an_order_is_never_edited() -> None:
    order = place()
    before = everything()
    desk = boss_desk()
    said = {"total": "0.01", "status": "Completed"}
    assert desk.post(page_of(order), said).status_code == 403
    assert desk.post("/admin/orders/order/add/", said).status_code == 403
    assert desk.post(f"/admin/orders/order/{order.pk}/delete/", {"post": "yes"}).status_code == 403
    assert everything() == before


def test_a_long_order_is_shown_in_part() -> None:
    from shop.backoffice import orders as page

    order = place()
    line = order.lines.get()
    order.lines.bulk_create(
        type(line)(
            order=order,
            position=place_,
            variant_id=line.variant_id,
            sku="mug",
            name="Mug",
            quantity=1,
            unit_price=1,
            amount=1,
            tax=0,
        )
        for place_ in range(2, page.MOST_LINES + 3)
    )
    shown_ = boss_desk().get(page_of(order)).context["shop_order"]
    assert (len(shown_["lines"]), shown_["has_more_lines"]) == (page.MOST_LINES, True)


def test_texts_of_an_order_are_shown_as_text() -> None:
    script = "<script>alert(1)</script>"
    order = place()
    Order.objects.update(name=script, line1=script, city=script, email=script, origin=script)
    order.lines.update(name=script, variant_title=script)
    desk = boss_desk()
    for address in (page_of(order), list_of(Order), page_of(order, "cancel"), "/admin/"):
        assert script not in desk.get(address).content.decode(), address
