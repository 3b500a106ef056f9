"""Whoever wants it gets one letter about what they left in the cart, and can stop that."""

from typing import Any
from urllib.parse import urlparse

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from shop.cart import actions as carts
from shop.cart.models import Cart
from shop.cart.tasks import ABANDONED_AFTER, tell_abandoned_carts
from shop.events.queries import waiting
from shop.letters import actions, queries
from shop.letters.models import CartConsent, Letter
from tests.builders import deliver_all, fill_cart, place, put_on_sale

pytestmark = pytest.mark.django_db


def leave(clock: time_machine.Traveller) -> None:
    """Let a day pass, and tell whoever is to be told."""
    clock.shift(ABANDONED_AFTER)
    tell_abandoned_carts()
    deliver_all()


def agree(user: Any) -> None:
    """Want such letters."""
    actions.set_cart_consent(user_id=user.id, agrees=True)


def test_who_wants_it_reads_what_is_left(
    clock: time_machine.Traveller, alice: Any, mailoutbox: list[Any]
) -> None:
    agree(alice)
    fill_cart({put_on_sale("mug", stock=5): 2}, user=alice)
    leave(clock)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["alice@example.com"], "Still in your cart")
    assert "2 x Mug, £12.50" in mail.body
    assert "http://127.0.0.1:8000/cart/" in mail.body
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nobody_else_is_written_to(
    clock: time_machine.Traveller, alice: Any, bob: Any, mailoutbox: list[Any]
) -> None:
    mug = put_on_sale("mug", stock=9)
    agree(bob)
    bob.is_active = False
    bob.save()
    for user in (alice, bob, None):
        fill_cart({mug: 2}, user=user)
    leave(clock)
    assert mailoutbox == []
    assert not Letter.objects.exists()


def test_each_cart_is_told_of_once(
    clock: time_machine.Traveller, alice: Any, mailoutbox: list[Any]
) -> None:
    agree(alice)
    mug = put_on_sale("mug", stock=9)
    cart_id = fill_cart({mug: 2}, user=alice)
    leave(clock)
    carts.add(cart_id=cart_id, variant_id=mug, quantity=1)
    leave(clock)
    assert len(mailoutbox) == 1

    place({mug: 1}, user=alice)
    fill_cart({mug: 1}, user=alice)
    leave(clock)
    assert [mail.subject for mail in mailoutbox].count("Still in your cart") == 2


def test_a_cart_that_was_ordered_meanwhile_is_not_told_of(
    alice: Any, mailoutbox: list[Any]
) -> None:
    place({put_on_sale("mug", stock=9): 1}, user=alice)
    deliver_all()
    mailoutbox.clear()
    agree(alice)
    cart_id = Cart.objects.get().id
    with transaction.atomic():
        actions.write_about_cart(cart_id=cart_id, user_id=alice.id)
    deliver_all()
    assert mailoutbox == []
    assert not waiting().exists()


def test_it_is_chosen_in_the_account_and_stopped_there_or_by_the_letter(
    clock: time_machine.Traveller, alice: Any, mailoutbox: list[Any]
) -> None:
    hers = Client()
    hers.force_login(alice)
    assert " checked> When I leave" not in hers.get("/accounts/").content.decode()
    assert hers.post("/accounts/letters/", {"left_cart": "on"}).status_code == 302
    assert hers.post("/accounts/letters/", {"left_cart": "on"}).status_code == 302
    assert queries.wants_cart_letters(alice.id)
    page = hers.get("/accounts/").content.decode()
    assert " checked> When I leave" in page
    assert "once for each" in page
    hers.post("/accounts/letters/")
    assert not CartConsent.objects.exists()

    agree(alice)
    fill_cart({put_on_sale("mug", stock=5): 2}, user=alice)
    leave(clock)
    path = urlparse(mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>")).path
    assert Client().post(path).status_code == 200
    assert not queries.wants_cart_letters(alice.id)
