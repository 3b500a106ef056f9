"""Somebody who only looks, with scripts on: lists are turned over and products looked at."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from shop.accounts.models import User
from shop.catalog.models import Product, ProductImage
from shop.reviews.models import Review
from tests.builders import put_on_sale
from tests.journeys.browser import DESKTOP, PHONE, SIZES, open_page

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


def fill_shelves() -> None:
    for number in range(30):
        put_on_sale(f"p{number:02}", name=f"Plate {number:02}", price=str(number + 1))


def put_shirt_on_sale() -> Product:
    """A red shirt, and a cheaper blue one, each with its picture."""
    for place, (colour, price) in enumerate([("red", "20"), ("blue", "15")]):
        variant = put_on_sale(
            f"t-{colour}", product="T", name="Shirt", price=price, regular_price=25,
            options=(("Colour", colour.capitalize()),), position=place,
        )  # fmt: skip
        ProductImage.objects.create(
            product=Product.objects.get(), variant_id=variant, alt=f"Shirt, {colour}",
            file=f"pictures/{colour}.webp", position=place, width=800, height=800,
        )  # fmt: skip
    return Product.objects.get()


def scrolled(page: Page) -> float:
    found: float = page.evaluate("window.scrollY")
    return found


@pytest.mark.parametrize("size", SIZES)
def test_price_number_and_picture_follow_the_choice(
    chromium: Browser, live_server: Any, size: Any
) -> None:
    product = put_shirt_on_sale()
    # The pictures are not there: their 404s are no faults here.
    page = open_page(chromium, size, [], javascript=True, url=live_server.url)
    page.goto(f"/products/{product.id}/")
    price, current = page.locator("#price"), page.locator(".thumbs a[aria-current]")
    expect(price).to_have_text("from £15.00 Regular price £25.00", use_inner_text=False)
    expect(page.locator("#sku")).to_have_text("t-blue")
    expect(current).to_have_accessible_name("Shirt, blue")

    page.get_by_label("Red").check()
    expect(price).to_have_text("£20.00 Regular price £25.00")
    expect(page.locator("#sku")).to_have_text("t-red")
    expect(current).to_have_accessible_name("Shirt, red")
    expect(page.locator("#picture-2")).to_be_in_viewport(ratio=0.2)

    page.mouse.wheel(0, 60)
    page.wait_for_timeout(200)
    before = scrolled(page)
    page.get_by_role("link", name="Shirt, blue").click()
    expect(current).to_have_accessible_name("Shirt, blue")
    assert scrolled(page) == before
    assert not page.url.endswith("#picture-1")

    # Whoever comes back finds what belongs to the choice the browser has kept.
    page.goto("/")
    page.go_back()
    expect(page.get_by_label("Red")).to_be_checked()
    expect(page.locator("#sku")).to_have_text("t-red")


def test_the_focus_and_what_is_read_out_follow_the_list(
    chromium: Browser, live_server: Any, faults: list[str]
) -> None:
    fill_shelves()
    page = open_page(chromium, DESKTOP, faults, javascript=True, url=live_server.url)
    page.goto("/products/?price_to=28&in_stock=1")
    status = page.locator("#listing-status")
    expect(status).to_have_text(
        "24 products on this page, by name: from Plate 00 to Plate 23. "
        "Filters: Up to £28.00, In stock"
    )
    page.get_by_role("link", name="Next").press("Enter")
    expect(status).to_contain_text("further on: from Plate 24 to Plate 27")
    expect(page.get_by_role("heading", name="4 products on this page")).to_be_focused()
    page.get_by_role("link", name="Remove the filter Up to £28.00").press("Enter")
    expect(status).to_have_text(
        "24 products on this page, by name: from Plate 00 to Plate 23. Filters: In stock"
    )
    expect(page.get_by_role("heading", name="24 products on this page")).to_be_focused()
    # What is still there keeps the focus.
    page.get_by_role("link", name="Newest").press("Enter")
    expect(status).to_contain_text("by newest")
    expect(page.get_by_role("link", name="Newest").first).to_be_focused()
    assert faults == []


def test_the_focus_follows_the_reviews(
    chromium: Browser, live_server: Any, faults: list[str]
) -> None:
    put_on_sale("mug")
    product = Product.objects.get()
    for number in range(11):
        user = User.objects.create(username=f"u{number}", email=f"u{number}@example.com")
        Review.objects.create(product=product, user=user, author=f"U{number} X.", rating=4)
    page = open_page(chromium, DESKTOP, faults, javascript=True, url=live_server.url)
    page.goto(f"/products/{product.id}/")
    expect(page.locator("#reviews-status")).to_contain_text("The newest reviews, from U10 X.,")
    page.get_by_role("link", name="Older reviews").press("Enter")
    expect(page.locator("#reviews-status")).to_contain_text("Older reviews, from U0 X.,")
    expect(page.get_by_role("heading", name="Reviews")).to_be_focused()
    assert faults == []


@pytest.mark.parametrize("size", SIZES)
def test_a_mistyped_price_is_marked_where_it_was_typed(
    chromium: Browser, live_server: Any, size: Any
) -> None:
    fill_shelves()
    # The list with the mistake is a 400, which a browser writes into its console.
    page = open_page(chromium, size, [], javascript=True, url=live_server.url)
    page.goto("/products/?sort=price")
    if size is PHONE:
        page.locator(".show-filters").click()
    page.get_by_label("From", exact=True).fill("9,50")
    page.get_by_label("From", exact=True).press("Enter")
    wrong = page.get_by_label("From", exact=True)
    expect(wrong).to_have_accessible_description("Please give a price like 9.50.")
    expect(wrong).to_have_value("9,50")
    expect(wrong).to_be_focused()
    expect(wrong).to_be_in_viewport()
    expect(page.locator(".card")).to_have_count(24)
    wrong.fill("9.50")
    wrong.press("Enter")
    expect(page.locator(".card")).to_have_count(21)
    expect(page.locator("#listing-status")).to_contain_text("Filters: From £9.50")
    expect(page.get_by_text("Please give a price")).to_have_count(0)


def test_large_letters_fit_a_telephone(chromium: Browser, live_server: Any) -> None:
    product = put_shirt_on_sale()
    fill_shelves()
    page = open_page(chromium, PHONE, [], javascript=True, url=live_server.url)
    for path in ("/", "/products/?in_stock=1", f"/products/{product.id}/"):
        page.goto(path)
        page.add_style_tag(content="html { font-size: 200% }")
        if page.locator(".show-filters").count():
            page.locator(".show-filters").click()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        skip = page.locator(".skip").bounding_box()
        assert skip is not None
        assert skip["y"] + skip["height"] <= 0
    breadcrumb = page.locator(".way a").first.bounding_box()
    assert breadcrumb is not None
    assert breadcrumb["height"] >= 24
