"""A guest buys something in a real browser, without any script of ours, and calls it off."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from shop.orders.models import Order
from tests.builders import breaches, put_on_sale, stock_of
from tests.journeys.browser import SIZES, open_page

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


def find_mug(page: Page, shop: str) -> None:
    page.goto(shop)
    page.get_by_role("link", name="Cups").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cups")
    page.get_by_role("link", name="Stoneware mug").click()
    expect(page.get_by_text("Only 5 left")).to_be_visible()


def put_in_cart(page: Page) -> None:
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add to cart")
    page.get_by_role("button", name="Put it in the cart").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cart")


def change_quantity(page: Page) -> None:
    quantity = page.get_by_label("Quantity of Stoneware mug")
    expect(quantity).to_have_value("1")
    quantity.fill("3")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_label("Total")).to_contain_text("£37.50")


def order_as_guest(page: Page) -> None:
    page.get_by_label("E-mail").fill("guest@example.com")
    page.get_by_label("Full name").fill("Gus Guest")
    page.get_by_label("Street and number").fill("1 Long Road")
    page.get_by_label("Town or city").fill("Leeds")
    page.get_by_label("Country").select_option(label="United Kingdom")
    page.get_by_label("Bank transfer").check()
    page.get_by_role("button", name="Place order").click()


def check_order(page: Page) -> None:
    order = Order.objects.get()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {order.number}")
    assert page.url.endswith(f"/orders/{order.id}/")
    for text in ("Pending", "Unpaid", "Unshipped", "Please transfer £37.50", "United Kingdom"):
        expect(page.get_by_text(text).first).to_be_visible()


def cancel(page: Page) -> None:
    page.get_by_role("link", name="Cancel this order").click()
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_role("status")).to_contain_text("has been canceled.")
    expect(page.locator(".history")).to_contain_text("Canceled")
    expect(page.get_by_role("link", name="Cancel this order")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_a_guest_buys_and_cancels(
    chromium: Browser, live_server: Any, size: Any, faults: list[str]
) -> None:
    mug = put_on_sale("mug", name="Stoneware mug", stock=5, category=("Kitchen", "Cups"))
    page = open_page(chromium, size, faults, javascript=False)
    find_mug(page, live_server.url)
    put_in_cart(page)
    change_quantity(page)
    page.get_by_role("link", name="Go to the checkout").click()
    order_as_guest(page)
    check_order(page)
    assert stock_of(mug) == (5, 3)
    cancel(page)
    assert stock_of(mug) == (5, 0)
    assert faults == []
    assert breaches() == []


@pytest.mark.parametrize("size", SIZES)
def test_no_page_is_wider_than_its_screen(
    chromium: Browser, live_server: Any, size: Any, faults: list[str], tmp_path: Path
) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitänsmütze " * 4
    put_on_sale("mug", name=long, stock=5, category=(long[:49], "Cups"), description="x" * 400)
    page = open_page(chromium, size, faults, javascript=False)
    page.goto(f"{live_server.url}/products/")
    steps: list[Callable[[], object]] = [
        lambda: page.locator("h3").get_by_role("link", name="Donau").click(),
        lambda: page.get_by_role("button", name="Add to cart").click(),
        lambda: page.get_by_role("button", name="Put it in the cart").click(),
        lambda: page.get_by_role("link", name="Go to the checkout").click(),
        lambda: order_as_guest(page),
        lambda: page.goto(f"{live_server.url}/orders/"),
        lambda: page.goto(live_server.url),
        lambda: page.get_by_role("link", name="Cups").click(),
    ]
    for step in steps:
        step()
        assert width_of(page, tmp_path / "page.png") == size["width"], page.url


def width_of(page: Page, picture: Path) -> int:
    """Return how wide the page really is: a picture of all of it is as wide as it is."""
    page.screenshot(path=picture, full_page=True)
    # A PNG says its width in the second half of its first chunk.
    return int.from_bytes(picture.read_bytes()[16:20], "big")
