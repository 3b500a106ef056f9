"""News that was not heard, was heard twice, or sent no letter, is named."""

import time
from pathlib import Path
from typing import Any

import pytest

from load.drills import effects
from load.drills.spans import Span
from shop.events.models import Effect, Event, Receipt
from shop.letters.models import Letter
from shop.orders.models import Order
from tests.builders import deliver_all, place, put_on_sale

pytestmark = pytest.mark.django_db(transaction=True)

CONFIRM = "shop.letters.tasks.confirm_order"


@pytest.fixture
def letters(tmp_path: Path, settings: Any) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "letters")
    return tmp_path / "letters"


@pytest.fixture
def order(letters: Path) -> Order:
    """An order of which everybody has heard, and whose letter has left."""
    found = Order.objects.get(id=place({put_on_sale("mug"): 1}))
    deliver_all()
    return found


def breaches(letters: Path) -> list[str]:
    now = time.time()
    span = Span(cell=0, begin=now - 3_600, end=now + 60)
    return list(effects.breaches(span, effects.numbers_of(letters)))


def event_of(name: str) -> Event:
    return Event.objects.get(name=name)


def test_everything_was_heard_and_sent_once(order: Order, letters: Path) -> None:
    assert Letter.objects.filter(order=order).count() == 1
    assert breaches(letters) == []


@pytest.mark.usefixtures("order")
def test_of_other_times_nothing_is_said(letters: Path) -> None:
    Receipt.objects.all().delete()
    assert list(effects.breaches(Span(cell=0, begin=1.0, end=2.0), {})) == []
    assert breaches(letters) != []


@pytest.mark.usefixtures("order")
def test_an_event_that_was_not_delivered(letters: Path) -> None:
    placed = event_of("order.placed")
    Event.objects.filter(id=placed.id).update(delivered_at=None, last_error="no room")
    assert breaches(letters) == [f"event {placed.id} ({placed}) is not delivered: no room"]


@pytest.mark.usefixtures("order")
def test_an_event_that_somebody_has_not_heard(letters: Path) -> None:
    placed = event_of("order.placed")
    Receipt.objects.filter(event=placed, handler=CONFIRM).delete()
    assert breaches(letters) == [f"event {placed.id} ({placed}) was not heard by {CONFIRM}"]


def test_a_buyer_who_was_told_twice_or_never(order: Order, letters: Path) -> None:
    letter = Letter.objects.get(order=order)
    letter.pk = None
    letter.save()
    assert breaches(letters) == [f"2 letters were written about order {order.number}"]

    Letter.objects.all().delete()
    assert breaches(letters) == [f"0 letters were written about order {order.number}"]


@pytest.mark.usefixtures("order")
def test_a_letter_that_never_left_or_left_too_often(letters: Path) -> None:
    event_id = event_of("letter.written").id
    [file] = letters.iterdir()
    (letters / "copy").write_bytes(file.read_bytes())
    assert breaches(letters) == [f"the letter of event {event_id} has left 2 times, in 1 tries"]

    # Who died after sending has it sent again, under the same number: that is no breach.
    Effect.objects.update(tries=2)
    assert breaches(letters) == []

    for each in letters.iterdir():
        each.unlink()
    assert breaches(letters) == [f"the letter of event {event_id} has left 0 times, in 2 tries"]


@pytest.mark.usefixtures("order")
def test_letters_may_share_a_file(letters: Path) -> None:
    event_id = event_of("letter.written").id
    [file] = letters.iterdir()
    file.write_bytes(file.read_bytes() * 2)
    assert effects.numbers_of(letters) == {event_id: 2}


def test_without_messages_none_is_dead() -> None:
    assert list(effects.dead_letters()) == []
