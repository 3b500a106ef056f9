"""What went wrong has a number that its visitor can quote; and every refusal is counted."""

from typing import Any

import pytest
from django.test import Client

from shop.storefront import baskets
from shop.storefront.tests.reading import words
from tests.counts import count_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_page_that_failed_names_its_request(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_request: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(baskets, "priced_cart", broken)
    client.raise_request_exception = False

    response = client.get("/cart/")

    assert response.status_code == 500
    assert f"please tell us this reference: {response['X-Request-ID']}" in words(response)


def test_what_people_are_refused_is_counted_by_its_code(client: Client) -> None:
    before = count_of("novashop_refusals_total", face="pages", code="unknown_product")

    assert client.get("/products/4711/").status_code == 404

    after = count_of("novashop_refusals_total", face="pages", code="unknown_product")
    assert after == before + 1
