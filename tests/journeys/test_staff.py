"""Staff in a browser: stock comes in, somebody buys it, and the order is brought to its end."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from shop.accounts import actions as accounts
from shop.accounts.rules import NewPerson
from shop.catalog.models import Product
from shop.inventory.models import StockMovement
from tests.builders import breaches, order_states, place, put_on_sale, stock_of
from tests.journeys.browser import DESKTOP, SIZES, open_page

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

PASSWORD = "a walk along the pier"


@pytest.fixture
def olu(db: None) -> str:
    """Somebody with every right; returns the username."""
    user_id = accounts.register(
        person=NewPerson(username="olu", email="olu@example.com"), password=PASSWORD
    )
    accounts.appoint(user_id=user_id, is_superuser=True)
    return "olu"


def sign_in(page: Page, username: str) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Orders today")).to_be_visible()


def receive(page: Page, product_id: int, *, units: int) -> None:
    page.goto(f"/admin/catalog/product/{product_id}/change/")
    page.get_by_role("link", name="Receive stock").click()
    page.get_by_label("Quantity").fill(str(units))
    page.get_by_label("Reference").fill("delivery note 77")
    page.get_by_role("button", name="Receive stock").click()


def press(page: Page, order_id: int, name: str) -> None:
    page.goto(f"/admin/orders/order/{order_id}/change/")
    with page.expect_navigation():
        page.locator(".bo-buttons").get_by_role("button", name=name).click()


@pytest.mark.parametrize("size", SIZES)
def test_staff_receive_stock_and_complete_an_order(
    chromium: Browser, live_server: Any, size: Any, faults: list[str], olu: str
) -> None:
    mug = put_on_sale("mug", name="Stoneware mug", stock=0)
    product = Product.objects.get()
    page = open_page(chromium, size, faults, javascript=True, url=live_server.url)
    sign_in(page, olu)

    receive(page, product.id, units=12)
    expect(page.locator("body")).to_contain_text("12")
    assert stock_of(mug) == (12, 0)
    movement = StockMovement.objects.get()
    assert (movement.quantity, movement.reference) == (12, "delivery note 77")
    assert movement.by is not None
    assert movement.by.username == "olu"

    order_id = place({mug: 2})
    for name in ("Mark paid", "Ship", "Complete"):
        press(page, order_id, name)
    assert order_states(order_id) == ("Completed", "Paid", "Shipped")
    assert stock_of(mug) == (10, 0)

    page.goto(f"/admin/orders/order/{order_id}/change/")
    for kind in ("Paid", "Shipped", "Completed"):
        expect(page.locator("body")).to_contain_text(kind)
    expect(page.get_by_role("link", name="Cancel the order")).to_have_count(0)
    assert faults == []
    assert breaches() == []


def test_a_double_click_books_once_and_going_back_does_not_book_again(
    chromium: Browser, live_server: Any, faults: list[str], olu: str
) -> None:
    mug = put_on_sale("mug", name="Stoneware mug", stock=0)
    product = Product.objects.get()
    page = open_page(chromium, DESKTOP, faults, javascript=True, url=live_server.url)
    sign_in(page, olu)
    page.goto(f"/admin/catalog/product/{product.id}/receive/")
    page.get_by_label("Quantity").fill("12")
    page.get_by_label("Reference").fill("delivery note 77")
    page.get_by_role("button", name="Receive stock").dblclick()
    expect(page.get_by_text("12 received.")).to_be_visible()
    assert stock_of(mug) == (12, 0)

    page.go_back()
    page.get_by_label("Quantity").fill("12")
    page.get_by_label("Reference").fill("delivery note 77")
    page.get_by_role("button", name="Receive stock").click()
    expect(page.get_by_text("This was done already.")).to_be_visible()
    assert stock_of(mug) == (12, 0)

    receive(page, product.id, units=3)
    expect(page.get_by_text("3 received.")).to_be_visible()
    assert stock_of(mug) == (15, 0)
    assert faults == []


def test_a_button_above_a_form_does_not_take_what_was_typed(
    chromium: Browser, live_server: Any, faults: list[str], olu: str
) -> None:
    put_on_sale("mug", name="Stoneware mug")
    product = Product.objects.get()
    page = open_page(chromium, DESKTOP, faults, javascript=True, url=live_server.url)
    sign_in(page, olu)
    page.goto(f"/admin/catalog/product/{product.id}/change/")
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("Name").fill("Typed with care")
    page.get_by_role("button", name="Hide from the shop").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Name")).to_have_value("Typed with care")
    assert Product.objects.get().is_published

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Product.objects.get().name == "Typed with care"
    assert asked == ["beforeunload"]
    assert faults == []
