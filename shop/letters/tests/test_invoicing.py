"""Invoices: numbered from 1 on with none left out, and the same bytes whenever they are printed."""

from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pypdf import PdfReader

from shop.events import actions as events
from shop.letters import actions, queries
from shop.letters.errors import NoInvoice
from shop.letters.models import Invoice, Numbering
from shop.lib.transactions import OutsideTransactionError
from shop.orders import actions as orders
from shop.orders import queries as order_queries
from shop.orders.models import Order, OrderLine
from tests.builders import breaches, deliver_all, place, put_on_sale

pytestmark = pytest.mark.django_db


def paid(**people: Any) -> int:
    """Place an order and pay it; return its id."""
    order_id = place({put_on_sale("mug", stock=5): 2}, **people)
    orders.mark_paid(order_ids=[order_id], by=None)
    deliver_all()
    return order_id


def printed(order_id: int) -> bytes:
    """Return the invoice of an order."""
    return queries.printed_invoice(order_queries.whole(order_id)).content


def text_of(order_id: int) -> list[str]:
    """Return what can be read on each sheet of an invoice."""
    reader = PdfReader(BytesIO(printed(order_id)))
    return [page.extract_text() for page in reader.pages]


def test_each_paid_order_gets_the_next_number() -> None:
    mug = put_on_sale("mug", stock=5)
    ids = [place({mug: 1}) for _ in range(3)]
    for order_id in (ids[2], ids[0], ids[1]):
        orders.mark_paid(order_ids=[order_id], by=None)
        events.deliver_due()
    numbers = dict(Invoice.objects.values_list("order_id", "number"))
    assert numbers == {ids[2]: 1, ids[0]: 2, ids[1]: 3}
    assert breaches() == []


def test_an_order_has_one_invoice_however_often_it_is_asked_for() -> None:
    order_id = paid()
    with transaction.atomic():
        actions.issue_invoice(order_id=order_id)
    assert Invoice.objects.count() == 1
    assert Numbering.objects.get().last == 1


def test_a_number_that_is_taken_back_is_given_to_the_next() -> None:
    mug = put_on_sale("mug", stock=5)
    first, second = place({mug: 1}), place({mug: 1})
    with transaction.atomic():
        actions.issue_invoice(order_id=first)
        transaction.set_rollback(True)
    with transaction.atomic():
        actions.issue_invoice(order_id=second)
    assert list(Invoice.objects.values_list("order_id", "number")) == [(second, 1)]
    assert breaches() == []


@pytest.mark.django_db(transaction=True)
def test_it_needs_its_callers_transaction() -> None:
    order_id = place({put_on_sale("mug", stock=5): 1})
    with pytest.raises(OutsideTransactionError):
        actions.issue_invoice(order_id=order_id)
    assert not Invoice.objects.exists()


def test_what_was_bought_elsewhere_has_its_invoice_there() -> None:
    order_id = place({put_on_sale("mug", stock=5): 1})
    Order.objects.update(origin="online-retail:536365")
    orders.mark_paid(order_ids=[order_id], by=None)
    deliver_all()
    assert not Invoice.objects.exists()
    with pytest.raises(NoInvoice):
        printed(order_id)


def test_the_audit_finds_a_number_left_out() -> None:
    paid()
    Invoice.objects.update(number=2)
    assert breaches() == [
        "invoice-numbers: invoices: 1 of them, and the last is 2",
        "invoice-numbers: numbering: is at 1, and the last is 2",
    ]


def test_it_says_who_sold_what_to_whom() -> None:
    order_id = paid()
    order = Order.objects.get()
    (text,) = text_of(order_id)
    for words in ("Tern & Tide", "Port Tern", "Invoice 1", order.number, "Mug", "£12.50", "£25.00"):
        assert words in text
    for words in ("1 High Street", "LS1 4AP Leeds", "United Kingdom", "Page 1 of 1"):
        assert words in text


def test_the_same_order_has_the_same_bytes(settings: Any) -> None:
    order_id = paid()
    first = printed(order_id)
    assert printed(order_id) == first
    settings.SHOP_NAME = "Another shop"
    assert printed(order_id) != first


def test_names_in_cyrillic_and_greek_can_be_read() -> None:
    order_id = paid()
    Order.objects.update(name="Алиса Щукина", city="Αθήνα")
    OrderLine.objects.update(name="Кружка «Маяк» № 5")
    (text,) = text_of(order_id)
    for words in ("Алиса Щукина", "Αθήνα", "Кружка «Маяк» № 5"):
        assert words in text


def test_a_long_order_goes_on_below_the_same_heading() -> None:
    order_id = paid()
    line = OrderLine.objects.get()
    for position in range(2, 61):
        line.pk, line.position = None, position
        line.save(force_insert=True)
    pages = text_of(order_id)
    assert len(pages) == 4
    assert all("Quantity" in page for page in pages)
    assert "Total paid" in pages[-1]
    assert "Page 4 of 4" in pages[-1]


def test_its_buyer_gets_it_from_the_orders_page_and_nobody_else_does(alice: Any, bob: Any) -> None:
    order_id = paid(user=alice)
    hers, his, stranger = Client(), Client(), Client()
    hers.force_login(alice)
    his.force_login(bob)
    assert f"/orders/{order_id}/invoice/" in hers.get(f"/orders/{order_id}/").content.decode()
    answer = hers.get(f"/orders/{order_id}/invoice/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'inline; filename="invoice-1.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert answer.content == printed(order_id)
    for other in (his, stranger):
        assert other.get(f"/orders/{order_id}/invoice/").status_code == 404


def test_before_it_is_paid_there_is_none(alice: Any) -> None:
    order_id = place({put_on_sale("mug", stock=5): 1}, user=alice)
    hers = Client()
    hers.force_login(alice)
    assert "invoice" not in hers.get(f"/orders/{order_id}/").content.decode()
    answer = hers.get(f"/orders/{order_id}/invoice/")
    assert answer.status_code == 404
    assert "There is no invoice for this order yet." in answer.content.decode()
