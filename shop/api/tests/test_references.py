"""What went wrong has a number that its client can quote; and every refusal is counted."""

from typing import Any

import pytest
from django.test import Client

from tests.counts import count_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_problem_of_ours_names_its_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("shop.cart.actions.open_cart", fail)

    response = Client(raise_request_exception=False).post("/api/carts/")

    assert response.status_code == 500
    assert response.json()["instance"] == f"urn:novashop:request:{response['X-Request-ID']}"


def test_a_problem_of_theirs_does_not(client: Client) -> None:
    assert "instance" not in client.get("/api/products/4711/").json()


def test_what_programs_are_refused_is_counted_by_its_code(client: Client) -> None:
    before = count_of("novashop_refusals_total", face="api", code="unknown_product")

    assert client.get("/api/products/4711/").status_code == 404

    after = count_of("novashop_refusals_total", face="api", code="unknown_product")
    assert after == before + 1
