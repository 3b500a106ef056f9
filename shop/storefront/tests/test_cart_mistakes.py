"""What the cart says to a quantity that cannot be, and where."""

from typing import Any

import pytest
from django.test import Client

from shop.cart.models import CartLine
from shop.catalog.models import Variant
from shop.storefront.tests.reading import alert, tags, words
from tests.builders import put_on_sale

pytestmark = pytest.mark.django_db

QUANTITY_SENTENCE = "Please choose a quantity between 1 and 100,000."


@pytest.fixture
def mug() -> int:
    """A mug of which there are 10; its variant's id."""
    return put_on_sale("mug")


def add(client: Client, variant_id: int, **form: Any) -> Any:
    product_id = Variant.objects.get(id=variant_id).product_id
    return client.post(f"/cart/add/{product_id}/", form)


def lines() -> list[tuple[int, int]]:
    """Return what is in all carts: variant and quantity."""
    return list(CartLine.objects.order_by("id").values_list("variant_id", "quantity"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("11", "Only 10 left of Mug; you want 11."),
        ("0", "Use Remove to take it out."),
        ("100001", QUANTITY_SENTENCE),
    ],
)
def test_a_refused_quantity_is_kept_and_told_at_its_line(
    client: Client, mug: int, typed: str, sentence: str
) -> None:
    add(client, mug, quantity=2)
    line_id = CartLine.objects.get().id
    add(client, put_on_sale("fork"), quantity=3)
    response = client.post("/cart/", {"line": line_id, "quantity": typed})
    inputs = [a for tag, a in tags(response) if a.get("name") == "quantity"]
    assert [found["value"] for found in inputs] == [typed, "3"]
    assert [found.get("aria-describedby") for found in inputs] == [f"wrong-{line_id}", None]
    assert alert(response) == sentence
    assert f"Remove Mug {sentence} Fork" in words(response)
    assert lines()[0] == (mug, 2)


def test_a_variant_that_is_short_is_told_by_its_title(client: Client) -> None:
    small = put_on_sale("s", product="A", name="Apron", stock=6, options=(("Size", "S"),))
    large = put_on_sale("l", product="A", name="Apron", stock=0, options=(("Size", "L"),))
    response = add(client, small, variant=small, quantity=5000)
    assert alert(response) == "Only 6 left of Apron, S; you want 5,000."
    assert alert(add(client, large, variant=large)) == "Apron, L is sold out."


def test_more_than_a_cart_takes_says_what_is_in_it(client: Client) -> None:
    mug = put_on_sale("mug", stock=10**6)
    add(client, mug, quantity=99_000)
    response = add(client, mug, quantity=1_001)
    assert (response.status_code, alert(response)) == (
        400,
        "You can order up to 100,000 of it, and your cart has 99,000 already.",
    )
    assert lines() == [(mug, 99_000)]
