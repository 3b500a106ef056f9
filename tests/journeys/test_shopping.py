"""Shoppers in a real browser with scripts on: a guest who buys, and somebody who stays.

The guest's journey without a script is in test_buying.py.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from shop.accounts.models import User
from shop.orders.models import Order
from shop.reviews.models import Review
from tests.builders import breaches, put_on_sale, stock_of
from tests.journeys.browser import PHONE, SIZES, open_page

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

PASSWORD = "a walk along the pier"


def put_mug_in_cart(page: Page) -> None:
    page.goto("/products/")
    page.get_by_role("link", name="Stoneware mug").click()
    page.wait_for_url("**/products/*/")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cart")


def say_where_it_goes(page: Page) -> None:
    page.get_by_label("Full name").fill("Rosa Reed")
    page.get_by_label("Street and number").fill("1 Long Road")
    page.get_by_label("Town or city").fill("Leeds")
    page.get_by_label("Country").select_option(label="United Kingdom")


def register(page: Page) -> None:
    page.get_by_role("link", name="Register").first.click()
    page.get_by_label("First name").fill("Rosa")
    page.get_by_label("Last name").fill("Reed")
    page.get_by_label("E-mail").fill("rosa@example.com")
    page.get_by_label("Username").fill("rosa")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Open the account").click()


def review_mug(page: Page) -> None:
    page.get_by_role("link", name="Write a review").first.click()
    page.get_by_label("4 stars").check(force=True)
    page.get_by_label(re.compile("review|say|text", re.IGNORECASE)).last.fill("<b>Keeps warm.</b>")
    page.get_by_role("button", name="Publish the review").click()
    expect(page.locator("#reviews")).to_contain_text("<b>Keeps warm.</b>")
    expect(page.locator("#reviews")).to_contain_text("Rosa R.")
    expect(page.locator("#reviews")).to_contain_text("Bought it")


@pytest.mark.parametrize("size", SIZES)
def test_a_guest_buys(chromium: Browser, live_server: Any, size: Any, faults: list[str]) -> None:
    mug = put_on_sale("mug", name="Stoneware mug", stock=5, category=("Kitchen", "Cups"))
    page = open_page(chromium, size, faults, javascript=True, url=live_server.url)

    put_mug_in_cart(page)
    page.get_by_label("Quantity of Stoneware mug").fill("2")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_label("Total")).to_contain_text("£25.00")
    page.get_by_role("link", name="Go to the checkout").click()
    page.get_by_label("E-mail").fill("guest@example.com")
    say_where_it_goes(page)
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order ")

    order = Order.objects.get()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {order.number}")
    assert (order.user, order.email, str(order.total)) == (None, "guest@example.com", "25.00")
    assert stock_of(mug) == (5, 2)
    assert faults == []
    assert breaches() == []


def test_a_form_that_comes_in_a_rush_is_sent_again_by_itself(
    chromium: Browser, live_server: Any, faults: list[str]
) -> None:
    put_on_sale("mug", name="Stoneware mug", stock=5, category=("Kitchen", "Cups"))
    page = open_page(chromium, PHONE, faults, javascript=True, url=live_server.url)
    put_mug_in_cart(page)
    page.get_by_role("link", name="Go to the checkout").click()
    page.get_by_label("E-mail").fill("guest@example.com")
    say_where_it_goes(page)
    rush = [True, True]

    def answer(route: Route) -> None:
        if route.request.method == "POST" and rush:
            rush.pop()
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="<h1>One moment</h1>")
        else:
            route.continue_()

    page.route("**/checkout/", answer)
    page.get_by_role("button", name="Place order").click()

    expect(page.get_by_role("status")).to_contain_text("Your order is in line")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order ")
    assert rush == []
    assert Order.objects.count() == 1
    # What the browser itself notes of the two answers is all it complains about.
    assert all("503" in fault for fault in faults)


@pytest.mark.parametrize("size", SIZES)
def test_somebody_registers_buys_reviews_and_cancels(
    chromium: Browser, live_server: Any, size: Any, faults: list[str]
) -> None:
    mug = put_on_sale("mug", name="Stoneware mug", stock=5, category=("Kitchen", "Cups"))
    page = open_page(chromium, size, faults, javascript=True, url=live_server.url)

    # The cart of before comes along into the account.
    put_mug_in_cart(page)
    register(page)
    rosa = User.objects.get(username="rosa")
    page.goto("/cart/")
    expect(page.get_by_label("Quantity of Stoneware mug")).to_have_value("1")
    page.get_by_role("link", name="Go to the checkout").click()
    say_where_it_goes(page)
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order ")
    assert Order.objects.get().user_id == rosa.id
    assert stock_of(mug) == (5, 1)

    review_mug(page)
    review = Review.objects.get()
    assert (review.user_id, review.rating, review.bought_it) == (rosa.id, 4, True)

    page.goto("/orders/")
    page.get_by_role("link", name=Order.objects.get().number).click()
    page.get_by_role("link", name="Cancel this order").click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator(".history")).to_contain_text("Canceled")
    assert stock_of(mug) == (5, 0)
    assert faults == []
    assert breaches() == []
