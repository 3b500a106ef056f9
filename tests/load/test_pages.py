"""The crowd reads pages that the shop has rendered, and complains of those that are wrong."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from load import pages
from load.answers import Answer, WrongAnswerError
from load.browser_cache import BrowserCache, files_of
from tests.builders import put_on_sale

NAME = "Mug & saucer"


@pytest.fixture
def mug(db: None) -> int:
    """Two choices of one product: red at 12.50, blue at 9.00."""
    put_on_sale("blue", price="9.00", name=NAME, product="mug", options=(("colour", "Blue"),))
    return put_on_sale("red", price="12.50", name=NAME, product="mug", options=(("colour", "Red"),))


def get(client: Client, address: str) -> Answer:
    return answer_of(client.get(address))


def answer_of(response: Any) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status=response.status_code, headers=headers, body=response.content)


def buy(client: Client, variant: int, quantity: int) -> pages.Cart:
    """Put so many in the cart, through the forms of the pages."""
    page = pages.product(get(client, product_address(client)), name=NAME)
    assert page.form is not None
    asking = pages.form(get(client, f"{page.form.action}?variant={variant}"), page.form.action)
    typed = asking.filled(variant=str(variant), quantity=str(quantity))
    assert answer_of(client.post(asking.action, typed)).location() == "/cart/"
    return pages.cart(get(client, "/cart/"))


def product_address(client: Client) -> str:
    return f"/products/{pages.listing(get(client, '/products/')).cards[0].product_id}/"


def complaint(read: Callable[..., object], *arguments: Any, **words: Any) -> str:
    """Return what a reader says of an answer that is wrong."""
    with pytest.raises(WrongAnswerError) as caught:
        read(*arguments, **words)
    return str(caught.value)


def test_a_list(client: Client, mug: int) -> None:
    found = pages.listing(get(client, "/products/"))

    assert [(card.name, card.price) for card in found.cards] == [(NAME, Decimal("9.00"))]
    assert found.following == ""
    assert "/products/?options=colour:red" in found.narrower
    assert "/products/?sort=price" in found.sortings


def test_a_long_list_leads_on(client: Client, db: None) -> None:
    for number in range(25):
        put_on_sale(f"thing-{number:02}")

    first = pages.listing(get(client, "/products/"))
    second = pages.listing(get(client, first.following))

    assert (len(first.cards), len(second.cards)) == (24, 1)
    assert not {*first.cards} & {*second.cards}


def test_a_product(client: Client, mug: int) -> None:
    page = pages.product(get(client, product_address(client)), name=NAME)

    assert page.price == Decimal("9.00")
    assert page.form is not None
    assert page.form.action.startswith("/cart/add/")
    other = complaint(pages.product, get(client, product_address(client)), name="Cup")
    assert other == "the page of 'Cup' is headed 'Mug & saucer'"


def test_a_product_that_is_sold_out(client: Client, db: None) -> None:
    put_on_sale("mug", name=NAME, stock=0)

    assert pages.product(get(client, product_address(client)), name=NAME).form is None


def test_a_cart(client: Client, mug: int) -> None:
    assert pages.cart(get(client, "/cart/")) == pages.Cart((), Decimal(0))

    cart = buy(client, mug, 3)

    assert [(line.title, line.price, line.quantity, line.amount) for line in cart.lines] == [
        ("Red", Decimal("12.50"), 3, Decimal("37.50"))
    ]
    assert cart.total == Decimal("37.50")
    client.post("/cart/", cart.lines[0].form.filled(quantity="2"))
    assert pages.cart(get(client, "/cart/")).total == Decimal("25.00")


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("<dd>£37.50", "<dd>£37.49", "the lines do not come to 37.49"),
        ('line-amount">£37.50', 'line-amount">£37.40', "in the cart 3 of 12.50 cost 37.40"),
        ("£12.50 each", "£12.51 each", "in the cart 3 of 12.51 cost 37.50"),
        ('class="lines"', 'class="lines"><li class="line">x</li', "there is no form for /cart/"),
        ("<h1>Cart", "<h1>Oh dear", "this is not the cart"),
    ],
)
def test_a_cart_that_is_wrong(
    client: Client, mug: int, right: str, wrong: str, sentence: str
) -> None:
    buy(client, mug, 3)
    text = get(client, "/cart/").text
    assert right in text

    answer = Answer(200, body=text.replace(right, wrong).encode())
    assert complaint(pages.cart, answer) == sentence


def test_a_purchase(client: Client, mug: int) -> None:
    cart = buy(client, mug, 2)

    form = pages.checkout(get(client, "/checkout/"), total=cart.total)
    assert form.fields["payment"] == "on_delivery"
    assert form.fields["country"] == "GB"
    other = complaint(pages.checkout, get(client, "/checkout/"), total=Decimal("24.00"))
    assert other == "the checkout says 25.00, the cart said 24.00"
    typed = {"email": "a@example.com", "name": "Ann", "line1": "1 Row", "city": "Hull"}
    placed = answer_of(client.post("/checkout/", form.filled(**typed))).location()

    order = pages.order(get(client, placed), total=cart.total)
    assert (order.units, order.total) == (2, Decimal("25.00"))
    listed = pages.order_numbers(get(client, "/orders/"))
    assert listed == {int(placed.split("/")[2]): order.number}


def test_an_order_that_is_wrong(client: Client, mug: int) -> None:
    test_a_purchase(client, mug)
    [order_id] = pages.order_numbers(get(client, "/orders/"))
    text = get(client, f"/orders/{order_id}/").text

    as_it_is = Answer(200, body=text.encode())
    other = complaint(pages.order, as_it_is, total=Decimal("26.00"))
    assert other == "the order says 25.00, the checkout said 26.00"
    cheaper = text.replace('<td class="figure">£25.00', '<td class="figure">£24.00')
    wrong = complaint(pages.order, Answer(200, body=cheaper.encode()), total=Decimal("25.00"))
    assert wrong == "2 of £12.50 do not cost £24.00"


def test_a_page_that_says_no(client: Client, mug: int) -> None:
    cart = buy(client, mug, 2)

    response = client.post("/cart/", cart.lines[0].form.filled(quantity="0"))

    # What is wrong with a line is said beside it, and not above the page.
    assert pages.notice(response.text) == ""
    action = product_address(client).replace("/products/", "/cart/add/")
    refused = client.post(action, {"variant": mug, "quantity": 11})
    assert refused.status_code == 409
    assert pages.notice(refused.text) == f"Only 10 left of {NAME}, Red; you want 13."


def test_an_error_page() -> None:
    error = Answer(500, body=b"<h1>Oh dear</h1>")
    problem = {"content-type": "application/problem+json"}
    changed = Answer(409, problem, b'{"code": "cart_changed"}')

    assert complaint(pages.listing, error) == "500 instead of 200"
    assert complaint(pages.listing, Answer(0, trouble="timed out")) == "no answer: timed out"
    assert complaint(changed.json, 201) == "409 instead of 201 (cart_changed)"


def test_the_files_of_a_page(client: Client, mug: int) -> None:
    files = files_of(get(client, "/").text)

    assert "/static/storefront/shop.css" in files
    assert "/static/storefront/focus.js" in files
    assert len(files) == len({*files})


def test_pictures_are_fetched_as_they_fit() -> None:
    source = '<source type="image/avif" srcset="/a-320.avif 320w, /a-640.avif 640w" sizes="1px">'
    picture = f'<picture>{source}<img class="picture" src="/a.webp" loading="{{}}"></picture>'

    assert files_of(picture.format("lazy")) == ["/a-320.avif"]
    assert files_of(picture.format("eager")) == ["/a-640.avif"]
    assert files_of('<picture><img class="picture" src="/b.webp"></picture>') == ["/b.webp"]


def test_what_a_browser_has_is_not_fetched_again() -> None:
    cache = BrowserCache()
    assert not cache.is_fresh("/a.css", now=0)
    assert cache.headers("/a.css") == {}

    cache.keep("/a.css", Answer(200, {"cache-control": "max-age=60", "etag": '"1"'}), now=0)

    assert cache.is_fresh("/a.css", now=59)
    assert not cache.is_fresh("/a.css", now=60)
    assert cache.headers("/a.css") == {"If-None-Match": '"1"'}
    cache.keep("/a.css", Answer(304, {"cache-control": "max-age=60"}), now=60)
    assert cache.is_fresh("/a.css", now=119)
    assert cache.headers("/a.css") == {"If-None-Match": '"1"'}
    cache.clear()
    assert not cache.is_fresh("/a.css", now=60)
