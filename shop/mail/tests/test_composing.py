"""What letters say."""

from typing import Any
from urllib.parse import urlparse

import pytest
from django.test import Client

from shop.letters.models import Letter
from shop.letters.rules import LetterKind
from shop.mail.composing import MOST_LINES, Composed, about_order, compose
from shop.mail.words import WORDS
from shop.orders import actions as orders
from shop.orders.models import Order, OrderLine
from shop.orders.rules import PaymentMethod
from tests.builders import place, put_on_sale

pytestmark = pytest.mark.django_db


def order_by(payment: PaymentMethod = PaymentMethod.ON_DELIVERY, **people: Any) -> Order:
    """Place an order of two mugs, and return it."""
    mug = put_on_sale("mug", stock=5)
    return Order.objects.get(id=place({mug: 2}, payment=payment, **people))


def letter(kind: LetterKind, order: Order) -> Composed:
    """Return a letter about an order as it is in the database now."""
    return compose(Letter(kind=kind.value, order_id=order.id, recipient="guest@example.com"))


def link_in(composed: Composed) -> str:
    """Return the address that opens the order."""
    return next(line for line in composed.text.splitlines() if "/orders/open/" in line)


def test_each_kind_has_its_words() -> None:
    assert set(WORDS) == set(LetterKind)


@pytest.mark.parametrize("part", ["text", "html"])
def test_it_names_what_was_ordered_what_it_comes_to_and_where_it_goes(part: str) -> None:
    order = order_by()
    said = getattr(letter(LetterKind.PLACED, order), part)
    for words in (order.number, "Mug", "mug", "£12.50", "£25.00", "1 High Street", "Leeds"):
        assert words in said
    assert "United Kingdom" in said
    assert "You pay" in said


@pytest.mark.parametrize("part", ["text", "html"])
def test_who_pays_by_transfer_reads_where_to_and_until_when(part: str, settings: Any) -> None:
    settings.BANK_DETAILS = "Tern & Tide, account 1 < 2"
    order = order_by(PaymentMethod.BANK_TRANSFER)
    said = getattr(letter(LetterKind.PLACED, order), part)
    bank = "Tern &amp; Tide, account 1 &lt; 2" if part == "html" else settings.BANK_DETAILS
    assert bank in said
    assert order.expires_at is not None
    assert f"{order.expires_at:%B %Y}" in said

    orders.mark_paid(order_ids=[order.id], by=None)
    # A letter that comes late says what is true then.
    assert bank not in getattr(letter(LetterKind.PLACED, order), part)


def test_whose_money_is_due_back_reads_so() -> None:
    order = order_by(PaymentMethod.BANK_TRANSFER)
    orders.mark_paid(order_ids=[order.id], by=None)
    orders.cancel(order_ids=[order.id], by=None)
    assert "You get the money back." in letter(LetterKind.CANCELED, order).text
    unpaid = order_by_guest()
    orders.cancel(order_ids=[unpaid.id], by=None)
    assert "money back" not in letter(LetterKind.CANCELED, unpaid).text


def order_by_guest() -> Order:
    """Place another one."""
    return Order.objects.get(id=place({put_on_sale("tea", stock=5): 1}))


def test_names_are_no_markup() -> None:
    order = order_by()
    order.name = "<b>Bob</b>"
    line = OrderLine(name="<script>", sku="x", quantity=1, unit_price=1, amount=1)
    composed = about_order(LetterKind.PLACED, order, [line])
    assert "<script>" not in composed.html
    assert "<b>Bob</b>" not in composed.html
    assert "<b>Bob</b>" in composed.text


def test_a_very_long_order_is_cut_and_says_so() -> None:
    order = order_by()
    line = OrderLine(name="Mug", sku="mug", quantity=1, unit_price=1, amount=1)
    composed = about_order(LetterKind.PLACED, order, [line] * (MOST_LINES + 7))
    assert composed.html.count("Mug") == MOST_LINES
    assert "And 7 more" in composed.html
    assert "And 7 more" in composed.text


# --- The link -------------------------------------------------------------------------------------


def test_the_link_opens_a_guests_order_in_any_browser(settings: Any) -> None:
    settings.SITE_URL = "https://shop.example.org"
    order = order_by()
    link = link_in(letter(LetterKind.PLACED, order))
    assert link.startswith(f"https://shop.example.org/orders/open/{order.number}/")

    stranger = Client()
    assert stranger.get(f"/orders/{order.id}/").status_code == 404
    page = stranger.get(urlparse(link).path, follow=True)
    assert page.redirect_chain == [(f"/orders/{order.id}/", 302)]
    assert order.number in page.content.decode()
    assert stranger.get(f"/orders/{order.id}/").status_code == 200


def test_the_link_to_a_users_order_asks_to_sign_in(alice: Any, bob: Any) -> None:
    order = order_by(user=alice)
    path = urlparse(link_in(letter(LetterKind.PLACED, order))).path

    stranger = Client()
    answer = stranger.get(path)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/accounts/login/?next=/orders/{order.id}/",
    )
    assert stranger.get(f"/orders/{order.id}/").status_code == 404

    stranger.force_login(alice)
    assert stranger.get(path, follow=True).status_code == 200
    stranger.force_login(bob)
    assert stranger.get(f"/orders/{order.id}/").status_code == 404


@pytest.mark.parametrize("change", ["seal", "number"])
def test_a_link_that_is_not_whole_opens_nothing(change: str) -> None:
    order, other = order_by(), order_by_guest()
    path = urlparse(link_in(letter(LetterKind.PLACED, order))).path
    wrong = f"{path[:-2]}/" if change == "seal" else path.replace(order.number, other.number)

    stranger = Client()
    answer = stranger.get(wrong)
    assert answer.status_code == 404
    assert "This link leads to no order" in answer.content.decode()
    assert not stranger.cookies.get("orders")
