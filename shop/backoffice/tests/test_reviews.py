"""Staff hide reviews and show them again; the product's rating follows."""

from decimal import Decimal
from typing import Any

import pytest

from shop.backoffice.tests.desk import at_desk, boss_desk, list_of, member, page_of, sentences
from shop.catalog.models import Product
from shop.reviews import actions
from shop.reviews.models import Review
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(alice: Any, bob: Any) -> Product:
    """A mug with five stars of Alice and one of Bob."""
    builders.put_on_sale("mug")
    mug = Product.objects.get()
    for user, rating in ((alice, 5), (bob, 1)):
        actions.write(user_id=user.pk, product_id=mug.pk, rating=rating, text="<script>x</script>")
    return mug


def rating(product: Product) -> tuple[Decimal | None, int]:
    product.refresh_from_db()
    return product.rating, product.review_count


def test_a_review_is_hidden_and_shown(product: Product, bob: Any) -> None:
    desk = at_desk(member("anna", "Catalogue"))
    review = Review.objects.get(user=bob)
    assert page_of(review, "show") not in desk.get(page_of(review)).content.decode()
    assert sentences(desk.post(page_of(review, "hide"))) == ["The review is hidden."]
    assert rating(product) == (Decimal("5.00"), 1)
    assert sentences(desk.post(page_of(review, "hide")))[-1] == "The review was hidden already."
    assert page_of(review, "hide") not in desk.get(page_of(review)).content.decode()
    assert sentences(desk.post(page_of(review, "show"))) == ["The review is shown."]
    assert rating(product) == (Decimal("3.00"), 2)


def test_reviews_are_hidden_in_bulk(product: Product) -> None:
    ids = list(Review.objects.values_list("pk", flat=True))
    said = {"action": "hide_reviews", "index": "0", "_selected_action": ids}
    assert sentences(boss_desk().post(list_of(Review), said)) == ["Hidden: 2."]
    assert rating(product) == (None, 0)


def test_what_buyers_write_is_shown_as_text(product: Product) -> None:
    desk = boss_desk()
    for address in (list_of(Review), page_of(Review.objects.latest("pk"))):
        page = desk.get(address).content.decode()
        assert "<script>x" not in page
        assert "&lt;script&gt;x" in page


def test_a_review_is_never_rewritten(product: Product) -> None:
    review = Review.objects.latest("pk")
    assert boss_desk().post(page_of(review), {"text": "Splendid", "rating": "5"}).status_code == 403
    review.refresh_from_db()
    assert review.text == "<script>x</script>"
