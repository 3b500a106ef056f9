"""Staff see how every kind of letter looks, with an order of theirs or an example."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from shop.letters.models import Letter
from shop.letters.rules import LetterKind
from shop.orders import actions as orders
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod
from tests.builders import NOON, deliver_all, place, put_on_sale

pytestmark = pytest.mark.django_db
LOOKS = "/admin/mail/"


def desk_of(*groups: str, **facts: Any) -> Client:
    """Return the browser of a member of staff who is in these groups."""
    name = f"staff{get_user_model().objects.count()}"
    person: Any = get_user_model().objects.create(
        username=name, email=f"{name}@example.com", is_staff=True, **facts
    )
    person.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(person)
    return client


def boss_desk() -> Client:
    """Return the browser of a superuser."""
    return desk_of(is_superuser=True)


def order_of(sku: str = "mug") -> Order:
    """Place an order, and return it."""
    order_id = place({put_on_sale(sku, stock=5): 2}, payment=PaymentMethod.BANK_TRANSFER)
    return Order.objects.get(id=order_id)


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("with_order", [True, False], ids=["order", "example"])
def test_each_kind_is_shown_on_both_widths_and_as_text(kind: LetterKind, with_order: bool) -> None:
    if with_order:
        order_of()
    answer = boss_desk().get(f"{LOOKS}?kind={kind.value}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<iframe") == 2
    assert "On a telephone" in page
    assert answer.context["composed"].subject in page
    assert answer.context["composed"].text.splitlines()[0] in page


def test_without_an_order_it_is_an_example() -> None:
    composed = boss_desk().get(LOOKS).context["composed"]
    assert "EXAMPLE00000" in composed.text
    assert "£60.50" in composed.text


def test_the_newest_order_is_shown_or_the_one_that_is_asked_for() -> None:
    old, new = order_of("mug"), order_of("tea")
    desk = boss_desk()
    assert desk.get(LOOKS).context["number"] == new.number
    asked = desk.get(f"{LOOKS}?order={old.number}&kind=shipped")
    assert asked.context["number"] == old.number
    assert asked.context["composed"].subject == f"Your order {old.number} is on its way"
    missing = desk.get(f"{LOOKS}?order=NOSUCH")
    assert "There is no order of that number" in missing.content.decode()
    assert "EXAMPLE00000" in missing.context["composed"].text


def test_the_letter_about_a_payment_names_what_is_attached() -> None:
    order = order_of()
    orders.mark_paid(order_ids=[order.id], by=None)
    deliver_all()
    page = boss_desk().get(f"{LOOKS}?kind=paid").content.decode()
    assert "invoice-1.pdf" in page


def test_dark_is_dark_whatever_the_reader_prefers() -> None:
    desk = boss_desk()
    light, dark = (desk.get(f"{LOOKS}?shade={shade}") for shade in ("light", "dark"))
    assert "@media not all" in light.context["html"]
    assert "@media all" in dark.context["html"]
    assert "prefers-color-scheme" not in light.context["html"] + dark.context["html"]


@pytest.mark.parametrize("asked", ["kind=poem", "shade=pink", "order=%00", f"order={'9' * 5000}"])
def test_nonsense_is_answered(asked: str) -> None:
    assert boss_desk().get(f"{LOOKS}?{asked}").status_code == 200


def test_a_letter_is_shown_as_it_would_be_sent_now() -> None:
    order = order_of()
    letter = Letter.objects.create(
        kind="shipped", order=order, recipient="guest@example.com", written_at=NOON
    )
    answer = desk_of("Orders").get(f"{LOOKS}{letter.id}/")
    page = answer.content.decode()
    assert "To guest@example.com, not sent yet." in page
    assert answer.context["composed"].subject == f"Your order {order.number} is on its way"
    assert boss_desk().get(f"{LOOKS}4711/").status_code == 404


def test_they_are_for_those_who_may_see_letters(alice: Any) -> None:
    letter = Letter.objects.create(kind="placed", order=order_of(), recipient="x", written_at=NOON)
    shopper = Client()
    shopper.force_login(alice)
    strangers = [Client(), shopper]
    for address in (LOOKS, f"{LOOKS}{letter.id}/"):
        assert desk_of("Catalogue").get(address).status_code == 403
        for stranger in strangers:
            answer = stranger.get(address)
            assert answer.status_code == 302
            assert "/admin/login/" in answer["Location"]
