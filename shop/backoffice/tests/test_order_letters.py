"""Staff see which letters an order has brought about, and send one again."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from shop.backoffice.tests.desk import at_desk, boss_desk, list_of, member, page_of, sentences
from shop.events import actions as events
from shop.events.models import Schedule
from shop.letters.models import Letter
from shop.orders import actions as orders
from shop.orders.models import Order
from tests import builders
from tests.builders import NOON

pytestmark = pytest.mark.django_db


def paid_order() -> Order:
    """Place an order and pay it; its letters are sent."""
    order_id = builders.place({builders.put_on_sale("mug"): 2})
    orders.mark_paid(order_ids=[order_id], by=None)
    builders.deliver_all()
    return Order.objects.get(id=order_id)


def test_an_orders_page_lists_its_letters_and_its_invoice(mailoutbox: list[Any]) -> None:
    order = paid_order()
    page = at_desk(member("olga", "Orders")).get(page_of(order)).content.decode()
    assert len(mailoutbox) == 2
    for letter in Letter.objects.all():
        assert f"/admin/mail/{letter.id}/" in page
        assert page_of(letter, "again") in page
    assert "guest@example.com" in page
    assert "Not sent yet" not in page
    assert f"/orders/{order.id}/invoice/" in page


def test_a_letter_that_waits_says_so() -> None:
    order = paid_order()
    Letter.objects.update(sent_at=None)
    assert "Not sent yet" in boss_desk().get(page_of(order)).content.decode()


def test_sending_again_is_a_letter_more_and_leads_back(mailoutbox: list[Any]) -> None:
    order = paid_order()
    olga = member("olga", "Orders")
    desk = at_desk(olga)
    placed = Letter.objects.earliest("id")
    response = desk.post(page_of(placed, "again"))
    assert response.headers["Location"] == page_of(order)
    assert sentences(response) == ["The letter goes to guest@example.com again."]
    builders.deliver_all()
    assert [mail.subject for mail in mailoutbox] == [
        f"Your order {order.number}",
        f"Your payment for order {order.number}",
        f"Your order {order.number}",
    ]
    assert "again, by olga" in desk.get(page_of(order)).content.decode()


def test_who_may_not_see_letters_sees_none() -> None:
    from django.contrib.auth.models import Permission

    order = paid_order()
    person = member("paul")
    person.user_permissions.add(Permission.objects.get(codename="view_order"))
    desk = at_desk(person)
    letter = Letter.objects.earliest("id")
    page = desk.get(page_of(order)).content.decode()
    assert f"/admin/mail/{letter.id}/" not in page
    assert "Send again" not in page
    for address in (page_of(letter, "again"), page_of(letter), list_of(Letter)):
        assert desk.get(address).status_code == 403
    assert desk.post(page_of(letter, "again")).status_code == 403
    assert Letter.objects.count() == 2


def test_an_import_has_no_letters_and_its_page_says_why() -> None:
    order_id = builders.place({builders.put_on_sale("mug"): 2})
    Order.objects.update(origin="online-retail:1")
    builders.deliver_all()
    order = Order.objects.get(id=order_id)
    assert "an import brought this order" in boss_desk().get(page_of(order)).content.decode()


def test_letters_are_found_by_the_number_of_their_order() -> None:
    order = paid_order()
    desk = boss_desk()
    assert desk.get(f"{list_of(Letter)}?q={order.number}").context["cl"].result_count == 2
    assert desk.get(f"{list_of(Letter)}?q=NOSUCH").context["cl"].result_count == 0
    assert desk.get(f"{list_of(Letter)}?kind=paid").context["cl"].result_count == 1


# --- The schedule ---------------------------------------------------------------------------------


def shown(desk: Client) -> dict[str, list[str]]:
    """Return what the page of the schedule says, by what is done."""
    admin = desk.get(list_of(Schedule)).context["cl"].model_admin
    rows = admin.get_queryset(desk.get(list_of(Schedule)).wsgi_request)
    return {
        admin.what(row): [
            admin.how_often(row),
            admin.last(row),
            admin.took(row),
            admin.next(row),
            admin.outcome(row).partition(">")[2].removesuffix("</span>"),
        ]
        for row in rows
    }


EXPIRING = "Cancel orders whose time to pay has passed."
NAME = "shop.orders.tasks.expire_unpaid_orders"


def test_the_schedule_says_what_was_done_when_and_how_it_went(
    clock: time_machine.Traveller,
) -> None:
    desk = boss_desk()
    assert EXPIRING not in shown(desk)
    events.run_due()
    said = shown(desk)
    assert said[EXPIRING] == ["2 seconds", "12:00:00", "0.0 s", "12:00:02", "Fine"]
    assert said["Send staff what was gathered for them."][0] == "minute"
    assert said["Keep keys and answers for a day."][0] == "hour"

    row = Schedule.objects.filter(name=NAME)
    row.update(last_error="ValueError('no time')")
    assert shown(desk)[EXPIRING][-1] == "Failed"
    assert "no time" in desk.get(page_of(row.get())).content.decode()
    row.update(finished_at=NOON - timedelta(seconds=1))
    assert shown(desk)[EXPIRING][2:] == ["—", "12:00:02", "Running"]
    clock.shift(timedelta(minutes=5))
    assert shown(desk)[EXPIRING][-1] == "Broken off"
    row.update(finished_at=NOON, last_error="")
    assert shown(desk)[EXPIRING][-1] == "Late"


def test_what_the_shop_does_no_more_is_not_shown() -> None:
    Schedule.objects.create(name="shop.gone.tasks.sing", due_at=NOON)
    assert boss_desk().get(list_of(Schedule)).context["cl"].result_count == 0
