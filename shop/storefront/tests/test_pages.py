"""What everybody sees: categories, lists and products."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.reviews.models import Review
from shop.showcase.tests.rows import rate
from shop.storefront.tests.reading import links, tags, words
from shop.storefront.tests.shelves import address_of, cards, category, names, onwards, product_of
from tests.builders import put_on_sale

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Product:
    return product_of(put_on_sale("mug", category=("Kitchen", "Cups"), description="Holds tea."))


# --- Lists ----------------------------------------------------------------------------------------


def test_an_empty_shop_says_how_to_fill_it(client: Client) -> None:
    for name in ("category_list", "product_list"):
        response = client.get(reverse(name))
        assert response.status_code == 200
        assert "python manage.py import_catalogue products.csv" in words(response)


def test_every_page_says_what_the_shop_is_called(
    client: Client, mug: Product, settings: Any
) -> None:
    settings.SHOP_NAME = "Fish & Chips"
    for name in ("category_list", "category_detail", "product_list", "product_detail"):
        body = client.get(address_of(name, mug)).content.decode()
        assert " · Fish &amp; Chips</title>" in body
        assert body.count("Fish &amp; Chips</") >= 3


def test_the_first_page_shows_the_shelves_what_is_new_and_what_is_liked(
    client: Client, mug: Product
) -> None:
    put_on_sale("fork", category=("Kitchen", "Cutlery"), price="3")
    rate("mug", "4.5", count=2)
    response = client.get("/")
    assert words(response).endswith(
        "Categories Kitchen Cups Cutlery "
        "New in the shop All new products → "
        "Fork £3.00 Mug 4.5 of 5 stars from 2 reviews £12.50 "
        "Liked best All by rating → "
        "Mug 4.5 of 5 stars from 2 reviews £12.50"
    )
    shelves = [f"/{category(name).id}/" for name in ("Kitchen", "Cups", "Cutlery")]
    assert [link for link in links(response) if link in shelves] == shelves


def test_the_first_page_of_a_sold_out_shop_shows_the_shelves(client: Client) -> None:
    put_on_sale("mug", category=("Kitchen",), stock=0)
    assert words(client.get("/")).endswith("Best rated Categories Kitchen")


def test_a_category_shows_the_products_of_all_below_it(client: Client, mug: Product) -> None:
    put_on_sale("kettle", category=("Kitchen",), price="30")
    put_on_sale("sock", category=("Clothes",))
    Category.objects.filter(name="Kitchen").update(description="For cooks.")
    response = client.get(f"/{category('Kitchen').id}/")
    assert words(response).startswith("Categories Kitchen Kitchen For cooks. Cups Filters ")
    assert names(response) == ["Kettle", "Mug"]
    response = client.get(f"/{category('Cups').id}/")
    assert words(response).startswith("Categories Kitchen Cups Cups Filters ")
    assert names(response) == ["Mug"]


def test_a_category_without_products_says_so(client: Client, mug: Product) -> None:
    Product.objects.update(is_published=False)
    response = client.get(f"/{mug.category_id}/")
    assert "There is nothing in this category at the moment." in words(response)


def test_a_card_says_what_a_buyer_wants_to_know(client: Client) -> None:
    for sku, price in [("red", "20"), ("blue", "22.50")]:
        put_on_sale(
            sku, product="T", name="Shirt", price=price, regular_price=25, options=(("C", sku),)
        )
    put_on_sale("mug", stock=0)
    rate("red", "3.67", count=1)
    assert cards(client.get("/products/")) == [
        "Mug £12.50 Sold out",
        "Shirt 3.7 of 5 stars from 1 review from £20.00 Regular price £25.00 Reduced",
    ]


def test_a_list_has_24_to_a_page(client: Client) -> None:
    for number in range(25):
        put_on_sale(f"p{number:02}")
    first = client.get("/products/?sort=price")
    after = onwards(first, "next")
    assert len(cards(first)) == 24
    assert onwards(first, "prev") is None
    assert after is not None
    assert after.startswith("/products/?sort=price&cursor=")
    second = client.get(after)
    assert names(second) == ["P24"]
    assert onwards(second, "next") is None
    back = client.get(onwards(second, "prev") or "")
    assert names(back) == names(first)


# --- A product ------------------------------------------------------------------------------------


def test_a_product_shows_what_it_costs_and_that_it_can_be_had(client: Client, mug: Product) -> None:
    response = client.get(f"/products/{mug.id}/")
    assert words(response) == (
        "Categories Kitchen Cups Mug £12.50 Only 10 left Quantity Add to cart Holds tea. Item mug "
        "Reviews Write a review Nobody has reviewed this yet."
    )
    assert f"/products/{mug.id}/reviews/add/" in links(response)


def test_of_plenty_nobody_needs_the_number(client: Client) -> None:
    product = product_of(put_on_sale("mug", stock=11))
    assert "£12.50 In stock Quantity" in words(client.get(f"/products/{product.id}/"))


def test_a_product_can_be_bought_without_a_script(client: Client, mug: Product) -> None:
    """The button is a plain GET form: the page that asks back carries what must be personal."""
    found = list(tags(client.get(f"/products/{mug.id}/")))
    (form,) = [attributes for tag, attributes in found if tag == "form"]
    inputs = {a["name"]: a["value"] for tag, a in found if tag == "input"}
    assert form["action"] == f"/cart/add/{mug.id}/"
    assert form.get("method", "get") == "get"
    assert inputs == {"variant": str(Variant.objects.get().id), "quantity": "1"}


def test_variants_are_chosen_by_name(client: Client) -> None:
    put_on_sale(
        "t-red", product="T", name="Shirt", price="20", regular_price=25,
        options=(("Colour", "Red"),), stock=3, position=0,
    )  # fmt: skip
    put_on_sale(
        "t-blue", product="T", name="Shirt", price="22.50",
        options=(("Colour", "Blue"),), stock=0, position=1,
    )  # fmt: skip
    product = Product.objects.get()
    assert words(client.get(f"/products/{product.id}/")).startswith(
        "Categories Uncategorised Shirt from £20.00 Regular price £25.00 Choose "
        "Red Only 3 left Regular price £25.00 £20.00 Blue Sold out £22.50 "
        "Quantity Add to cart Item t-red"
    )


def test_sold_out_is_shown_and_cannot_be_bought(client: Client) -> None:
    product = product_of(put_on_sale("mug", stock=0))
    response = client.get(f"/products/{product.id}/")
    assert "Mug £12.50 Sold out There is none left at the moment." in words(response)
    assert [tag for tag, _ in tags(response) if tag == "form"] == []


def test_a_product_without_a_visible_variant_has_no_price(client: Client, mug: Product) -> None:
    Variant.objects.update(is_published=False)
    Product.objects.update(price=None)
    assert "Mug Not for sale at the moment" in words(client.get(f"/products/{mug.id}/"))
    assert cards(client.get("/products/")) == []


def test_a_gallery_leads_to_each_picture_by_a_plain_link(client: Client, mug: Product) -> None:
    for number in (1, 2):
        ProductImage.objects.create(
            product=mug, file=f"pictures/{number}.webp", alt=f"Side {number}", position=number,
            width=800, height=800,
        )  # fmt: skip
    response = client.get(f"/products/{mug.id}/")
    found = list(tags(response))
    large = [a["alt"] for tag, a in found if tag == "img"][:2]
    assert large == ["Side 1", "Side 2"]
    assert [a["id"] for tag, a in found if tag == "li" and "id" in a] == ["picture-1", "picture-2"]
    assert [link for link in links(response) if link.startswith("#picture")] == [
        "#picture-1",
        "#picture-2",
    ]
    # Each is called by what it shows, and the first one is in sight.
    thumbs = [a for tag, a in found if tag == "a" and a["href"].startswith("#picture")]
    assert [a.get("aria-current") for a in thumbs] == ["true", None]
    assert not [a for a in thumbs if "aria-label" in a]


def test_a_small_picture_without_a_text_has_a_name_too(client: Client, mug: Product) -> None:
    for number in (1, 2):
        ProductImage.objects.create(product=mug, file=f"pictures/{number}.webp", width=8, height=8)
    found = tags(client.get(f"/products/{mug.id}/"))
    assert [a["aria-label"] for tag, a in found if tag == "a" and "aria-label" in a] == [
        "Mug, 1",
        "Mug, 2",
    ]


def test_price_number_choice_and_first_picture_are_of_the_same_variant(client: Client) -> None:
    colours = {"red": ("20", 5), "blue": ("15", 5), "grey": ("12", 0)}
    ids = {
        colour: put_on_sale(
            f"t-{colour}", product="T", name="Shirt", price=price, stock=stock,
            options=(("Colour", colour.capitalize()),), position=place,
        )
        for place, (colour, (price, stock)) in enumerate(colours.items())
    }  # fmt: skip
    product = Product.objects.get()
    # The box belongs to none of them, and the blue one's file is there twice.
    for place, (colour, file) in enumerate(
        [("red", "red"), ("", "box"), ("blue", "blue"), ("blue", "blue")]
    ):
        ProductImage.objects.create(
            product=product, variant_id=ids.get(colour), file=f"pictures/{file}.webp", alt=file,
            position=place, width=8, height=8,
        )  # fmt: skip
    response = client.get(f"/products/{product.id}/")
    found = list(tags(response))
    slides = [a["data-picture"] for tag, a in found if tag == "li" and "data-picture" in a]
    assert slides == [f"/media/pictures/{name}.webp" for name in ("blue", "red", "box")]
    radios = {a["data-sku"]: a for tag, a in found if a.get("type") == "radio"}
    assert [sku for sku, radio in radios.items() if "checked" in radio] == ["t-blue"]
    assert {sku: radio["data-picture"] for sku, radio in radios.items()} == {
        "t-red": "/media/pictures/red.webp",
        "t-blue": "/media/pictures/blue.webp",
        "t-grey": "/media/pictures/box.webp",
    }
    assert "Shirt from £15.00 Choose" in words(response)
    assert "Item t-blue " in words(response)


def test_a_single_picture_needs_no_gallery(client: Client, mug: Product) -> None:
    ProductImage.objects.create(product=mug, file="pictures/1.webp", alt="A mug", width=8, height=8)
    found = list(tags(client.get(f"/products/{mug.id}/")))
    assert [a["alt"] for tag, a in found if tag == "img"] == ["A mug"]
    assert not [a for tag, a in found if a.get("class") in {"thumbs", "gallery-strip"}]


# --- What is said of it ---------------------------------------------------------------------------


def test_reviews_are_shown_with_their_sum(client: Client, mug: Product, alice: Any) -> None:
    Review.objects.create(
        product=mug, user=alice, author="Alice A.", rating=4, text="Fine.\n\nBig.", bought_it=True
    )
    rate("mug", "4.33", count=3)
    text = words(client.get(f"/products/{mug.id}/"))
    assert text.startswith("Categories Kitchen Cups Mug 4.3 of 5 stars from 3 reviews £12.50")
    day = Review.objects.get().created_at.strftime("%-d %B %Y")
    assert text.endswith(
        "Reviews 4.3 4.3 of 5 stars from 3 reviews Write a review "
        f"4 of 5 stars Alice A. Bought it {day} Fine. Big."
    )


def test_reviews_have_pages_of_their_own(client: Client, mug: Product) -> None:
    say(mug, 11)
    first = client.get(f"/products/{mug.id}/")
    older = onwards(first, "next")
    assert texts(first) == [f"Number {number}" for number in range(10, 0, -1)]
    assert older is not None
    assert older.startswith("?reviews=")
    assert older.endswith("#reviews")
    second = client.get(f"/products/{mug.id}/{older}")
    assert texts(second) == ["Number 0"]
    assert onwards(second, "next") is None
    newer = client.get(f"/products/{mug.id}/{onwards(second, 'prev')}")
    assert texts(newer) == texts(first)


def test_a_hidden_review_is_not_shown(client: Client, mug: Product) -> None:
    say(mug, 2)
    Review.objects.filter(text="Number 1").update(is_hidden=True)
    assert texts(client.get(f"/products/{mug.id}/")) == ["Number 0"]


@pytest.mark.parametrize("cursor", ["nonsense", "W2ZhbHNlLCIxIl0:forged", "%00", "1"])
def test_a_page_of_reviews_that_is_not_there_is_404(
    client: Client, mug: Product, cursor: str
) -> None:
    assert client.get(f"/products/{mug.id}/?reviews={cursor}").status_code == 404


def test_a_cursor_of_products_is_none_of_reviews(client: Client, mug: Product) -> None:
    for number in range(25):
        put_on_sale(f"p{number:02}")
    after = onwards(client.get("/products/?sort=newest"), "next") or ""
    cursor = after.partition("cursor=")[2]
    assert cursor
    assert client.get(f"/products/{mug.id}/?reviews={cursor}").status_code == 404


def say(product: Product, number_of_reviews: int) -> None:
    """Let so many people review a product."""
    for number in range(number_of_reviews):
        user = get_user_model().objects.create(username=f"u{number}", email=f"u{number}@x.example")
        Review.objects.create(
            product=product, user=user, author="Una U.", rating=5, text=f"Number {number}"
        )


def texts(response: Any) -> list[str]:
    """Return what reviewers say on a page, in its order."""
    return re.findall(r"Number \d+", words(response))


# --- What they do not show ------------------------------------------------------------------------


def test_what_people_write_is_text_and_never_markup(client: Client, alice: Any) -> None:
    name = "<script>alert(1)</script>"
    product = product_of(
        put_on_sale("x", name=name, description=name, category=(name,), options=((name, name),))
    )
    put_on_sale("y", product="x", name=name, options=((name, f"{name}2"),))
    Category.objects.update(description=name)
    ProductImage.objects.create(
        product=product, file="pictures/x.webp", alt=name, width=1, height=1
    )
    Review.objects.create(product=product, user=alice, author=name, rating=1, text=name)
    for address in ("/", "/products/", f"/products/{product.id}/", f"/{product.category_id}/"):
        body = client.get(address).content.decode()
        assert "<script>" not in body
        assert "alert(1)" in body
        assert "&lt;script&gt;" in body


def test_what_is_not_published_is_nowhere(client: Client, mug: Product) -> None:
    Product.objects.update(is_published=False)
    assert client.get(f"/products/{mug.id}/").status_code == 404
    for address in ("/", "/products/", f"/{mug.category_id}/"):
        assert "Mug" not in words(client.get(address))


@pytest.mark.parametrize(
    "address",
    [
        "/products/4711/",
        "/4711/",
        "/products/99999999999999999999999/",
        "/99999999999999999999999/",
        "/products/?category=4711",
        "/products/?cursor=nonsense",
        "/products/?sort=price&cursor=W2ZhbHNlLCIxIiwiMiJd:forged",
        "/products/?cursor=%00",
    ],
)
def test_what_is_not_there_is_404_in_the_shops_own_layout(
    client: Client, mug: Product, address: str
) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert words(response).startswith("Not found ")
    assert links(response) == ["/"]
