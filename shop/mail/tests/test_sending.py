"""Letters on their way, to a real mail server: each goes out, and none twice knowingly."""

import logging
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pypdf import PdfReader

from shop.events import actions as events
from shop.events.models import Effect, Event, Receipt
from shop.events.rules import EFFECT_LEASE
from shop.letters import actions as letters
from shop.letters import queries as letter_queries
from shop.letters.models import Letter
from shop.mail import sending
from shop.orders import actions as orders
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod
from tests.builders import deliver_all, place, put_on_sale
from tests.postbox import AWAY, Postbox

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("everything_agrees"),
]


def ordered(payment: PaymentMethod = PaymentMethod.BANK_TRANSFER) -> Order:
    """Place an order, and return it."""
    return Order.objects.get(id=place({put_on_sale("mug", stock=5): 2}, payment=payment))


def test_who_orders_gets_a_letter_under_the_number_of_its_event(box: Postbox) -> None:
    order = ordered()
    deliver_all()

    (mail,) = box.mails
    event = Event.objects.get(name="letter.written")
    letter = Letter.objects.get()
    assert (mail["To"], mail["From"]) == ("guest@example.com", "Tern & Tide <shop@localhost>")
    assert mail["Subject"] == f"Your order {order.number}"
    written = f"{letter.written_at:%Y%m%d%H%M%S}"
    assert mail["Message-ID"] == f"<event-{event.id}.{written}@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)) is not None
    assert mail.get_body(("html",)) is not None
    assert letter.sent_at is not None
    assert Effect.objects.get().ended_at is not None


def test_each_step_of_an_order_is_told_in_its_turn(box: Postbox) -> None:
    order = ordered()
    deliver_all()
    orders.mark_paid(order_ids=[order.id], by=None)
    deliver_all()
    orders.ship(order_ids=[order.id], by=None)
    deliver_all()
    orders.complete(order_ids=[order.id], by=None)
    deliver_all()

    assert box.subjects == [
        f"Your order {order.number}",
        f"Your payment for order {order.number}",
        f"Your order {order.number} is on its way",
    ]
    assert set(box.copies.values()) == {1}


def test_the_letter_about_a_payment_brings_the_invoice(box: Postbox) -> None:
    order = ordered()
    orders.mark_paid(order_ids=[order.id], by=None)
    deliver_all()

    placed, paid = box.mails
    assert not list(placed.iter_attachments())
    (attached,) = paid.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == (
        "application/pdf",
        "invoice-1.pdf",
    )
    content = attached.get_content()
    assert content == letter_queries.printed_invoice(order).content
    assert order.number in PdfReader(BytesIO(content)).pages[0].extract_text()


def test_canceled_expired_and_refunded_orders_are_told_as_well(box: Postbox) -> None:
    mug = put_on_sale("mug", stock=5)
    canceled, expired = (place({mug: 1}, payment=PaymentMethod.BANK_TRANSFER) for _ in range(2))
    orders.mark_paid(order_ids=[canceled], by=None)
    orders.cancel(order_ids=[canceled], by=None)
    orders.mark_refunded(order_ids=[canceled], by=None)
    orders.expire_unpaid(now=timezone.now() + timedelta(days=8))
    deliver_all()

    numbers = dict(Order.objects.values_list("id", "number"))
    assert sorted(box.subjects) == sorted(
        [
            f"Your order {numbers[canceled]}",
            f"Your order {numbers[expired]}",
            f"Your payment for order {numbers[canceled]}",
            f"Your order {numbers[canceled]} is canceled",
            f"The money for order {numbers[canceled]} is on its way back",
            f"Your order {numbers[expired]} was not paid in time",
        ]
    )


def test_an_event_that_is_delivered_twice_is_one_mail(box: Postbox) -> None:
    ordered()
    deliver_all()
    Event.objects.update(delivered_at=None, due_at=timezone.now())
    deliver_all()
    for event in Event.objects.filter(name="letter.written"):
        events.hear(event_ids=[event.id], handler="shop.mail.tasks.send_letter")
    assert len(box.mails) == 1
    assert Letter.objects.count() == 1


def test_a_mail_that_is_known_to_be_out_is_not_sent_again_without_its_receipt(
    box: Postbox,
) -> None:
    ordered()
    deliver_all()
    # As if the process had died between the letter's record and the receipt.
    Receipt.objects.filter(handler="shop.mail.tasks.send_letter").delete()
    Event.objects.filter(name="letter.written").update(delivered_at=None, due_at=timezone.now())
    deliver_all()
    assert len(box.mails) == 1
    assert Receipt.objects.filter(handler="shop.mail.tasks.send_letter").count() == 1


def test_who_dies_between_sending_and_recording_sends_a_copy_that_can_be_recognised(
    box: Postbox, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(**_: Any) -> None:
        raise Killed

    ordered()
    with monkeypatch.context() as patched:
        patched.setattr(letters, "note_sent", die)
        with pytest.raises(Killed):
            deliver_all()
    assert len(box.mails) == 1
    assert Letter.objects.get().sent_at is None

    clock.shift(EFFECT_LEASE)
    deliver_all()
    assert list(box.copies.values()) == [2]
    assert Letter.objects.get().sent_at is not None
    assert Effect.objects.get().tries == 2


def test_while_the_mail_server_is_away_letters_wait_and_orders_do_not(
    box: Postbox, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="shop.events")
    box.refuses = AWAY
    order = ordered()
    deliver_all()
    orders.mark_paid(order_ids=[order.id], by=None)
    deliver_all()

    assert not box.mails
    waiting = Event.objects.filter(delivered_at__isnull=True)
    assert set(waiting.values_list("name", "failures")) == {("letter.written", 1)}
    assert "Come back later" in waiting[0].last_error

    box.refuses = ""
    clock.shift(timedelta(seconds=2))
    deliver_all()
    assert len(box.mails) == 2
    assert not waiting.exists()


def test_a_letter_that_nobody_takes_is_set_aside_and_the_others_go_out(
    box: Postbox, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="shop.events")
    box.refuses = "550 No such mailbox"
    ordered()
    deliver_all()
    for _ in range(20):
        clock.shift(timedelta(hours=1))
        deliver_all()
    event = Event.objects.get(name="letter.written")
    assert (event.due_at, event.failures) == (None, 20)

    box.refuses = ""
    other = Order.objects.get(id=place({put_on_sale("tea", stock=5): 1}))
    deliver_all()
    assert box.subjects == [f"Your order {other.number}"]


def test_sending_is_done_in_no_transaction(box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    send = sending.send

    def watch(**facts: Any) -> None:
        seen.append(connection.in_atomic_block)
        send(**facts)

    monkeypatch.setattr(sending, "send", watch)
    ordered()
    deliver_all()
    assert seen == [False]
    assert len(box.mails) == 1


def test_staff_can_have_a_letter_sent_again(box: Postbox, sam: Any) -> None:
    order = ordered()
    deliver_all()
    letters.send_again(letter_id=Letter.objects.get().id, by=sam.id)
    deliver_all()

    assert box.subjects == [f"Your order {order.number}"] * 2
    assert set(box.copies.values()) == {1}
    first, again = Letter.objects.order_by("id")
    assert (first.by, again.by, again.order_id) == (None, sam, order.id)
    assert again.sent_at is not None
