"""Whoever asks on a sold-out page is told once that it is back, and can say that it is enough."""

from typing import Any
from urllib.parse import urlparse

import pytest
from django.test import Client

from shop.catalog.errors import UnknownProduct
from shop.catalog.models import Product
from shop.events.queries import waiting
from shop.letters import actions, queries, tasks
from shop.letters.errors import UnknownLink
from shop.letters.models import Letter, Reminder
from tests.builders import deliver_all, put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db


def sold_out() -> Product:
    """Return a product of which nothing is there."""
    put_on_sale("mug", stock=0)
    return Product.objects.get()


def deliver() -> None:
    """Do what is due."""
    tasks.tell_returned_products()
    deliver_all()


def ask(product: Product, *emails: str) -> None:
    """Let these be told."""
    for email in emails:
        actions.ask_for_reminder(product_id=product.id, email=email)


def test_who_asks_is_told_once_when_it_is_back(mailoutbox: list[Any]) -> None:
    product = sold_out()
    ask(product, "alice@example.com", "Bob@example.com")
    deliver()
    assert mailoutbox == []

    put_on_sale("mug", stock=3)
    deliver()
    deliver()
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["alice@example.com"], "Mug is back"),
        (["Bob@example.com"], "Mug is back"),
    ]
    assert f"/products/{product.id}/" in mailoutbox[0].body
    assert not Reminder.objects.exists()


def test_asked_twice_is_told_once(mailoutbox: list[Any]) -> None:
    product = sold_out()
    ask(product, "alice@example.com", "Alice@Example.com")
    put_on_sale("mug", stock=3)
    deliver()
    assert len(mailoutbox) == 1


def test_a_product_that_nobody_sees_is_not_back() -> None:
    product = sold_out()
    ask(product, "alice@example.com")
    put_on_sale("mug", stock=3)
    Product.objects.update(is_published=False)
    deliver()
    assert Reminder.objects.count() == 1
    assert not Letter.objects.exists()
    for unknown in (product.id, 4711):
        with pytest.raises(UnknownProduct):
            actions.ask_for_reminder(product_id=unknown, email="bob@example.com")
    assert Reminder.objects.count() == 1


def test_what_was_taken_out_of_the_shop_meanwhile_is_not_told_of(mailoutbox: list[Any]) -> None:
    ask(sold_out(), "alice@example.com")
    put_on_sale("mug", stock=3)
    assert actions.tell_returned() == 1
    Product.objects.update(is_published=False)
    deliver()
    assert mailoutbox == []
    assert not waiting().exists()
    assert Letter.objects.get().sent_at is None


def test_where_nobody_waits_it_costs_one_query() -> None:
    with queries_named() as names:
        assert actions.tell_returned() == 0
    assert names == ["SELECT letters_reminder"]


def test_many_are_told_in_turns() -> None:
    product = sold_out()
    ask(product, *(f"a{n}@example.com" for n in range(130)))
    put_on_sale("mug", stock=3)
    assert actions.tell_returned() == 130
    assert Letter.objects.filter(kind="back_in_stock").count() == 130
    assert not Reminder.objects.exists()


# --- Pages ----------------------------------------------------------------------------------------


def test_a_sold_out_page_leads_to_the_form_and_is_the_same_for_everybody() -> None:
    product = sold_out()
    page = Client().get(f"/products/{product.id}/")
    assert f"/products/{product.id}/remind/" in page.content.decode()
    assert "csrfmiddlewaretoken" not in page.content.decode()
    put_on_sale("mug", stock=3)
    assert "remind" not in Client().get(f"/products/{product.id}/").content.decode()


def test_the_form_keeps_an_address() -> None:
    product = sold_out()
    browser = Client(enforce_csrf_checks=True)
    address = f"/products/{product.id}/remind/"
    form = browser.get(address)
    assert "Tell me when it is back" in form.content.decode()
    assert browser.post(address, {"email": "alice@example.com"}).status_code == 403
    assert not Reminder.objects.exists()
    token = form.cookies["csrftoken"].value
    said = {"email": "alice@example.com", "csrfmiddlewaretoken": token}
    answer = browser.post(address, said)
    assert answer.status_code == 200
    assert "We will tell you" in answer.content.decode()
    assert Reminder.objects.get().email == "alice@example.com"


@pytest.mark.parametrize("email", ["", "alice", "a b@example.com", "a\0@example.com"])
def test_what_is_no_address_is_asked_again(email: str) -> None:
    product = sold_out()
    answer = Client().post(f"/products/{product.id}/remind/", {"email": email})
    assert answer.status_code == 422
    assert not Reminder.objects.exists()


def test_an_unknown_product_has_no_form() -> None:
    assert Client().get("/products/4711/remind/").status_code == 404


def test_the_forms_are_counted(clock: Any, settings: Any) -> None:
    settings.THROTTLE = True
    product = sold_out()
    said = [
        Client().post(f"/products/{product.id}/remind/", {"email": "alice@example.com"}).status_code
        for _ in range(21)
    ]
    assert said == [200] * 20 + [429]


# --- Enough ---------------------------------------------------------------------------------------


def test_the_letter_says_how_to_get_no_more(mailoutbox: list[Any]) -> None:
    mug = sold_out()
    ask(mug, "alice@example.com", "bob@example.com")
    put_on_sale("mug", stock=3)
    deliver()
    put_on_sale("tea", stock=0)
    tea = Product.objects.get(name="Tea")
    ask(tea, "Alice@example.com", "bob@example.com")

    mail = mailoutbox[0]
    link = mail.extra_headers["List-Unsubscribe"].strip("<>")
    assert link in mail.body
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = urlparse(link).path
    # Mail programs look at links by themselves: looking stops nothing.
    page = Client().get(path)
    assert "alice@example.com" in page.content.decode()
    assert Reminder.objects.count() == 2
    # As a mail program presses the button, from nowhere.
    pressed = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert pressed.status_code == 200
    assert list(Reminder.objects.values_list("email", flat=True)) == ["bob@example.com"]


@pytest.mark.parametrize("seal", ["x", "x:y", "ImFsaWNlQGV4YW1wbGUuY29tIg:nonsense"])
def test_a_link_that_is_not_ours_stops_nothing(seal: str) -> None:
    ask(sold_out(), "alice@example.com")
    answer = Client().post(f"/reminders/stop/{seal}/")
    assert answer.status_code == 404
    with pytest.raises(UnknownLink):
        queries.email_of(seal)
    assert Reminder.objects.count() == 1
