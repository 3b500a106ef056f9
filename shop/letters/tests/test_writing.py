"""Letters are written in the transaction of what they are about; staff are told once an hour."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from shop.events import actions as events
from shop.events.models import Event, Schedule
from shop.letters import actions, tasks
from shop.letters.errors import UnknownLetter
from shop.letters.models import Gathering, Letter
from shop.letters.rules import LetterKind
from shop.lib.transactions import OutsideTransactionError
from shop.orders.models import Order
from tests.builders import deliver_all, place, put_on_sale

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def write(order_id: int) -> None:
    """Write to whoever placed an order."""
    with transaction.atomic():
        actions.write_about_order(order_id=order_id, kind=LetterKind.PLACED)


def news() -> list[dict[str, Any]]:
    """Return what was told of letters."""
    return list(Event.objects.filter(name="letter.written").values_list("payload", flat=True))


def test_a_letter_is_a_row_and_news_of_its_own() -> None:
    order_id = place({put_on_sale("mug", stock=5): 1})
    write(order_id)
    letter = Letter.objects.get()
    assert (letter.kind, letter.order_id, letter.recipient) == (
        "placed",
        order_id,
        "guest@example.com",
    )
    assert letter.sent_at is None
    event = Event.objects.get(name="letter.written")
    assert event.subject == f"letter:{letter.id}"
    assert event.payload == {"letter_id": letter.id, "kind": "placed"}


@pytest.mark.parametrize("facts", [{"email": ""}, {"origin": "online-retail:536365"}])
def test_nobody_is_written_to_about_an_import_or_without_an_address(facts: dict[str, str]) -> None:
    order_id = place({put_on_sale("mug", stock=5): 1})
    Order.objects.update(**facts)
    write(order_id)
    assert not Letter.objects.exists()
    assert news() == []


def test_an_order_that_is_gone_is_not_written_about() -> None:
    write(4711)
    assert not Letter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_writing_needs_its_callers_transaction() -> None:
    order_id = place({put_on_sale("mug", stock=5): 1})
    with pytest.raises(OutsideTransactionError):
        actions.write_about_order(order_id=order_id, kind=LetterKind.PLACED)
    assert not Letter.objects.exists()


def test_a_letter_that_there_is_not_cannot_be_sent_again(sam: Any) -> None:
    with pytest.raises(UnknownLetter):
        actions.send_again(letter_id=4711, by=sam.id)
    assert not Letter.objects.exists()


# --- Staff ----------------------------------------------------------------------------------------


@pytest.fixture
def staff(settings: Any) -> None:
    """Two people are told."""
    settings.STAFF_MAIL = ["sam@example.com", "tess@example.com"]


def gather(*facts: str, kind: LetterKind = LetterKind.LOW_STOCK) -> None:
    """Keep something to be told."""
    with transaction.atomic():
        actions.gather(kind=kind, facts=facts)


def told() -> list[tuple[str, str, list[str]]]:
    """Return what was written to whom."""
    return list(Letter.objects.order_by("id").values_list("recipient", "kind", "facts"))


@pytest.mark.usefixtures("staff")
def test_staff_are_told_of_a_subject_once_an_hour_and_of_all_of_it(
    clock: time_machine.Traveller,
) -> None:
    gather("mug: 3 left")
    assert actions.tell_staff(now=timezone.now()) == 2
    gather("tea: 1 left", "mug: 2 left")
    gather("tea: 1 left")
    assert actions.tell_staff(now=timezone.now()) == 0
    clock.shift(HOUR)
    assert actions.tell_staff(now=timezone.now()) == 2
    assert actions.tell_staff(now=timezone.now()) == 0

    first, later = ["mug: 3 left"], ["tea: 1 left", "mug: 2 left"]
    assert told() == [
        ("sam@example.com", "low_stock", first),
        ("tess@example.com", "low_stock", first),
        ("sam@example.com", "low_stock", later),
        ("tess@example.com", "low_stock", later),
    ]
    assert len(news()) == 4


@pytest.mark.usefixtures("staff")
def test_another_subject_does_not_wait() -> None:
    gather("mug: 3 left")
    actions.tell_staff(now=timezone.now())
    gather("it failed", kind=LetterKind.TROUBLE)
    assert actions.tell_staff(now=timezone.now()) == 2
    assert [kind for _, kind, _ in told()] == ["low_stock"] * 2 + ["trouble"] * 2


def test_where_nobody_is_named_nobody_is_told_and_nothing_heaps_up(settings: Any) -> None:
    settings.STAFF_MAIL = []
    gather("mug: 3 left")
    assert actions.tell_staff(now=timezone.now()) == 0
    assert Gathering.objects.get().facts == []
    assert not Letter.objects.exists()


@pytest.mark.usefixtures("staff")
def test_what_runs_low_is_named(settings: Any) -> None:
    settings.LOW_STOCK = 5
    place({put_on_sale("mug", stock=7): 3})
    deliver_all()
    tasks.write_to_staff()
    assert told()[-1] == ("tess@example.com", "low_stock", ["Mug (mug): 4 left"])


@pytest.mark.usefixtures("staff")
def test_events_that_are_given_up_and_work_that_fails_are_named() -> None:
    broke = Event.objects.create(
        name="order.placed", subject="order:1", created_at=timezone.now(), last_error="no glue"
    )
    Schedule.objects.create(name="shop.x.work", due_at=timezone.now(), last_error="no time")
    with transaction.atomic():
        events.emit(
            name="event.set_aside",
            subject="event:1",
            payload={"event_id": broke.id, "name": "order.placed"},
        )
        events.emit(name="schedule.failed", subject="schedule", payload={"entry": "shop.x.work"})
    deliver_all()
    tasks.write_to_staff()
    assert told()[0] == (
        "sam@example.com",
        "trouble",
        [
            f"Given up: event {broke.id}, order.placed. no glue",
            "Failing: shop.x.work. no time",
        ],
    )
