"""Adding a review: once per product, by somebody who is signed in."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from shop.catalog.models import Product
from shop.reviews import actions as reviews
from shop.reviews.models import Review
from shop.storefront.tests.buying import without_person
from shop.storefront.tests.reading import alert, fields, links, tags, words
from tests.builders import place, put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

FORM = {"rating": "4", "text": "Keeps the tea warm."}
STARS = "Please choose one to five stars."
TAG = "<script>alert(1)</script>"


@pytest.fixture
def mug() -> int:
    """A mug; its product's id."""
    put_on_sale("mug")
    return Product.objects.get().id


@pytest.fixture
def her(client: Client, alice: Any) -> Client:
    """Alice's browser; she gave her names."""
    alice.first_name, alice.last_name = "Alice", "Able"
    alice.save()
    client.force_login(alice)
    return client


def address(product_id: int) -> str:
    return f"/products/{product_id}/reviews/add/"


def written() -> list[tuple[Any, ...]]:
    """Return what was said of products: by whom, how many stars, what, and if they bought it."""
    return list(Review.objects.order_by("id").values_list("author", "rating", "text", "bought_it"))


def test_somebody_writes_a_review(her: Client, mug: int) -> None:
    response = her.get(address(mug))
    assert words(response).startswith("Mug What do you think of it? Mug Your rating")
    assert fields(response).keys() >= {"rating"}
    response = her.post(address(mug), FORM)
    assert (response.status_code, response["Location"]) == (302, f"/products/{mug}/#reviews")
    assert written() == [("Alice A.", 4, "Keeps the tea warm.", False)]
    product = Product.objects.get()
    assert (product.rating, product.review_count) == (Decimal(4), 1)
    assert 'id="reviews"' in her.get(f"/products/{mug}/").content.decode()


def test_a_buyer_is_marked_as_one(her: Client, alice: Any) -> None:
    place({put_on_sale("mug"): 1}, user=alice)
    her.post(address(Product.objects.get().id), FORM)
    assert written() == [("Alice A.", 4, "Keeps the tea warm.", True)]


def test_stars_say_enough_and_lines_are_counted_as_people_count(her: Client, mug: int) -> None:
    put_on_sale("fork")
    fork = Product.objects.get(code="fork").id
    assert her.post(address(mug), {"rating": "1"}).status_code == 302
    assert her.post(address(fork), {"rating": "5", "text": "a\r\n" * 2500}).status_code == 302
    assert written() == [("Alice A.", 1, "", False), ("Alice A.", 5, ("a\n" * 2500)[:-1], False)]


def test_stars_can_be_chosen_without_seeing_them(her: Client, mug: int) -> None:
    found = list(tags(her.get(address(mug))))
    radios = {a["value"]: a["id"] for tag, a in found if a.get("type") == "radio"}
    labelled = {a.get("for") for tag, a in found if tag == "label"}
    assert radios.keys() == {"1", "2", "3", "4", "5"}
    assert set(radios.values()) <= labelled
    assert "\u26051 star \u26052 stars" in words(her.get(address(mug)))


def test_a_guest_signs_in_first(client: Client, mug: int) -> None:
    for response in (client.get(address(mug)), client.post(address(mug), FORM)):
        assert response.status_code == 302
        assert response["Location"] == f"/accounts/login/?next={address(mug)}"
    assert written() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_shown_is_not_reviewed(
    her: Client, client: Client, mug: int, method: str
) -> None:
    Product.objects.update(is_published=False)
    for visitor in (her, Client()):
        for product_id in (mug, 4711, 10**30):
            assert getattr(visitor, method)(address(product_id), FORM).status_code == 404
    assert written() == []


@pytest.mark.parametrize(
    ("form", "mistake"),
    [
        ({"rating": ""}, f"Your rating: {STARS}"),
        ({"rating": "0"}, f"Your rating: {STARS}"),
        ({"rating": "6"}, f"Your rating: {STARS}"),
        ({"rating": "-1"}, f"Your rating: {STARS}"),
        ({"rating": "1.5"}, f"Your rating: {STARS}"),
        ({"rating": "abc"}, f"Your rating: {STARS}"),
        ({"rating": "1000000000"}, f"Your rating: {STARS}"),
        (
            {"text": "a\0b"},
            "Your review (optional): A character in it cannot be printed.",
        ),
        (
            {"text": "x" * 5001},
            "Your review (optional): Too long: there is room for 5000 letters, and it has 5001.",
        ),
    ],
)
def test_a_mistake_publishes_nothing_and_what_was_typed_is_kept(
    her: Client, mug: int, form: dict[str, str], mistake: str
) -> None:
    response = her.post(address(mug), FORM | form)
    assert response.status_code == 422
    assert alert(response).endswith(f"Nothing was published yet. {mistake}")
    body = response.content.decode()
    if "text" not in form:
        assert "Keeps the tea warm.</textarea>" in body
    else:
        (fourth,) = re.findall(r'<input[^>]* value="4"[^>]*>', body)
        assert " checked" in fourth
    assert written() == []
    assert Product.objects.get().review_count == 0


def test_a_review_is_text_whatever_it_says(her: Client, mug: int) -> None:
    her.post(address(mug), {"rating": "5", "text": f"{TAG} \N{TEACUP WITHOUT HANDLE}"})
    for page in (address(mug), f"/products/{mug}/"):
        response = her.get(page)
        assert TAG not in response.content.decode()
        assert f"{TAG} \N{TEACUP WITHOUT HANDLE}" in words(response)


def test_a_product_is_reviewed_once(her: Client, mug: int, bob: Any) -> None:
    her.post(address(mug), FORM)
    shown = her.get(address(mug))
    refused = her.post(address(mug), {"rating": "1", "text": "Changed my mind."})
    assert (shown.status_code, refused.status_code) == (200, 409)
    for response in (shown, refused):
        assert words(response).startswith("Mug You have reviewed this already Mug 4 of 5 stars")
        assert "Keeps the tea warm." in words(response)
        assert f"/products/{mug}/#reviews" in links(response)
    assert [row[1] for row in written()] == [4]
    assert Product.objects.get().rating == 4
    his = Client()
    his.force_login(bob)
    assert "Keeps the tea warm." not in words(his.get(address(mug)))
    assert his.post(address(mug), FORM).status_code == 302


def test_a_hidden_review_is_seen_by_its_writer(her: Client, mug: int) -> None:
    her.post(address(mug), FORM)
    reviews.hide(review_ids=[Review.objects.get().id], is_hidden=True)
    said = words(her.get(address(mug)))
    assert "Keeps the tea warm. The shop has hidden this review: only you can see it." in said
    assert her.post(address(mug), FORM).status_code == 409


def test_a_form_from_elsewhere_writes_nothing(alice: Any, mug: int) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(address(mug), FORM).status_code == 403
    assert written() == []


def test_ten_reviews_in_ten_minutes(her: Client, settings: Settings) -> None:
    for number in range(11):
        put_on_sale(f"p{number}")
    settings.THROTTLE = True
    statuses = [
        her.post(address(product_id), FORM).status_code
        for product_id in Product.objects.order_by("id").values_list("id", flat=True)
    ]
    assert statuses == [302] * 10 + [429]
    assert len(written()) == 10


def test_the_page_costs_the_product_and_one_query(her: Client, mug: int) -> None:
    with queries_named() as queries:
        her.get(address(mug))
    assert without_person(queries)[-1] == "SELECT reviews_review"
    assert len(without_person(queries)) <= 5
