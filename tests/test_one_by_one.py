"""No request and no command asks the database row by row: that the detector of N+1 works."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import BaseCommand, call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from zeal import NPlusOneError, zeal_ignore

from shop.catalog.models import Product
from tests import builders
from tests.queries import one_by_one_forbidden, queries_named

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.urls(__name__)]


def products(*, wisely: bool) -> list[str]:
    """Return the names of all products' categories, asked for together or one by one."""
    found = Product.objects.order_by("pk")
    return [
        product.category.name for product in found.select_related("category" if wisely else None)
    ]


def show(request: HttpRequest) -> HttpResponse:
    """Show them, as it is asked to."""
    return HttpResponse(products(wisely="wisely" in request.GET))


class Tell(BaseCommand):
    """Tells them, as it is told to."""

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--wisely", action="store_true")

    def handle(self, *, wisely: bool, **_: Any) -> str:
        return " ".join(products(wisely=wisely))


urlpatterns = [path("products/", show)]


@pytest.fixture(autouse=True)
def _three_products() -> Iterator[None]:
    for sku in ("a", "b", "c"):
        builders.put_on_sale(sku)
    with one_by_one_forbidden():
        yield


def test_a_request_that_asks_row_by_row_fails(client: Client) -> None:
    with pytest.raises(NPlusOneError, match=r"catalog\.Product\.category at .*test_one_by_one"):
        client.get("/products/")

    with queries_named() as asked:
        assert client.get("/products/?wisely").status_code == 200
    assert asked == ["SELECT catalog_product"]


def test_a_command_that_asks_row_by_row_fails() -> None:
    with pytest.raises(NPlusOneError, match=r"catalog\.Product\.category"):
        call_command(Tell())

    assert len(call_command(Tell(), wisely=True).split()) == 3


def test_without_the_detector_nobody_would_know(client: Client) -> None:
    with zeal_ignore([{"model": "*", "field": "*"}]), queries_named() as asked:
        assert client.get("/products/").status_code == 200

    assert asked == ["SELECT catalog_product", *["SELECT catalog_category"] * 3]


def test_a_test_may_ask_row_by_row() -> None:
    with queries_named() as asked:
        products(wisely=False)

    assert asked.count("SELECT catalog_category") == 3
