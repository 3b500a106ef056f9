"""The personal strip on pages for everybody, drawn by a script in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders import put_on_sale, stock_of
from tests.journeys.browser import PHONE, open_page

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

PASSWORD = "a walk along the pier"


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/?next=/products/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Products")


def test_the_strip_says_who_is_there_and_what_is_in_the_cart(
    chromium: Browser, live_server: Any, faults: list[str], alice: Any
) -> None:
    alice.first_name = "Æthel <b>"
    alice.set_password(PASSWORD)
    alice.save()
    mug = put_on_sale("mug", name="Stoneware mug", stock=5)
    page = open_page(chromium, PHONE, faults, javascript=True, url=live_server.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(live_server.url)))

    page.goto("/products/")
    page.wait_for_load_state("networkidle")
    person, cart = page.locator(".person"), page.locator("nav.own")
    expect(person).to_have_text("Account")
    expect(cart).to_have_text("Orders Cart")
    assert [path for path in asked if "/static/" not in path] == ["/products/"]

    # One step into the cart; the token is fetched once, for there was none.
    page.get_by_role("link", name="Stoneware mug").click()
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cart")
    assert asked.count("/cart/token/") == 1
    page.goto("/products/")
    expect(cart).to_have_text("Orders Cart 2 items")

    sign_in(page)
    expect(person).to_have_text("Your account: Æthel <b>")
    expect(cart).to_have_text("Orders Cart 2 items")
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("account")

    page.get_by_role("button", name="Sign out").first.click()
    expect(person).to_have_text("Account")
    expect(cart).to_have_text("Orders Cart")
    assert stock_of(mug) == (5, 0)
    assert faults == []


def test_a_refusal_is_said_where_one_step_was_one_too_many(
    chromium: Browser, live_server: Any
) -> None:
    put_on_sale("mug", name="Stoneware mug", stock=2)
    # The refusal is a 409, which a browser writes into its console.
    page = open_page(chromium, PHONE, [], javascript=True, url=live_server.url)
    page.goto("/products/")
    page.get_by_role("link", name="Stoneware mug").click()
    page.get_by_label("Quantity").fill("100000")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Quantity")).to_have_value("100000")
    page.go_back()
    page.get_by_label("Quantity").fill("1")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cart")


def test_large_names_do_not_widen_a_telephone(
    chromium: Browser, live_server: Any, alice: Any, tmp_path: Path
) -> None:
    page = open_page(chromium, PHONE, [], javascript=True, url=live_server.url)
    page.goto("/products/")
    page.context.add_cookies([{"name": "strip", "value": f"99.{'W' * 40}", "url": live_server.url}])
    page.goto("/products/")
    expect(page.locator(".person")).to_contain_text("WWWW")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
