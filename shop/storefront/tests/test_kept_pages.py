"""Pages and public answers of the API that are kept: nothing is asked for them, none is stale."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from shop.catalog import actions as catalog
from shop.catalog.models import Product, Variant
from shop.catalog.rules import PriceChange
from shop.inventory import actions as inventory
from shop.reviews import actions as reviews
from shop.storefront.tests.shelves import PUBLIC, address_of
from tests.builders import place, put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

API = ("products/", "products/{}/", "categories/", "reviews/")


@pytest.fixture(autouse=True)
def _pages_are_kept(settings: Any) -> Iterator[None]:
    settings.KEEP_PAGES = True
    # A minute, as in Redis: a busy machine must not be mistaken for a change.
    cache: Any = caches["public"]
    before, cache.default_timeout = cache.default_timeout, 60
    yield
    cache.default_timeout = before


@pytest.fixture
def mug() -> Product:
    variant = put_on_sale("mug", name="Mug", stock=12, category=("Kitchen",))
    return Variant.objects.get(id=variant).product


def addresses(mug: Product) -> list[str]:
    return [
        *(address_of(name, mug) for name in PUBLIC),
        *(f"/api/{path}".format(mug.id) for path in API),
    ]


def test_what_is_kept_asks_the_database_nothing(client: Client, mug: Product) -> None:
    for address in addresses(mug):
        first = client.get(address)
        with queries_named() as queries:
            again = client.get(address)
        assert queries == [], address
        assert (first["X-Cache"], again["X-Cache"]) == ("made", "hit"), address
        assert again.content == first.content


def test_two_people_and_a_guest_get_the_one_that_is_kept(
    client: Client, mug: Product, alice: Any, bob: Any
) -> None:
    for address in addresses(mug):
        seen = [client.get(address).content]
        for user in (alice, bob):
            browser = Client()
            browser.force_login(user)
            seen.append(browser.get(address).content)
        assert len(set(seen)) == 1
        assert b"csrfmiddlewaretoken" not in seen[0]


def rename(mug: Product) -> None:
    catalog.change_product(product_id=mug.id, changes={"name": "Tall mug"})


def reprice(mug: Product) -> None:
    variant = Variant.objects.get(product=mug)
    catalog.set_prices(prices=[PriceChange(variant.id, Decimal("9.87"))])


def sell_out(mug: Product) -> None:
    place({Variant.objects.get(product=mug).id: 12})


def count_less(mug: Product) -> None:
    variant = Variant.objects.get(product=mug)
    inventory.count(counts={variant.id: 3}, location_code="main", reference="count")


def sell_to_few(mug: Product) -> None:
    place({Variant.objects.get(product=mug).id: 9})


def rename_category(mug: Product) -> None:
    catalog.change_category(category_id=mug.category_id, changes={"name": "Cookery"})


def say(mug: Product) -> None:
    from shop.accounts.models import User

    writer = User.objects.create(username="rea", first_name="Rea")
    reviews.write(user_id=writer.id, product_id=mug.id, rating=1, text="Leaks tea")


@pytest.mark.parametrize(
    ("change", "everywhere", "on_the_product", "by_program"),
    [
        (rename, "Tall mug", "Tall mug", '"name":"Tall mug"'),
        (reprice, "9.87", "9.87", '"price":"9.87"'),
        (sell_out, "Sold out", "Sold out", '"stock":0,"in_stock":false'),
        (count_less, "", "Only 3 left", '"stock":3'),
        (sell_to_few, "", "Only 3 left", '"stock":3'),
        (rename_category, "Cookery", "Cookery", '"name":"Cookery"'),
        (say, "1 of 5 stars", "Leaks tea", '"review_count":1'),
    ],
)
def test_what_changes_is_shown_at_once(
    client: Client, mug: Product, change: Callable[[Product], None], everywhere: str,
    on_the_product: str, by_program: str,
) -> None:  # fmt: skip
    for address in addresses(mug):
        client.get(address)
        assert client.get(address)["X-Cache"] == "hit"
    change(mug)
    texts = {address: client.get(address).content.decode() for address in addresses(mug)}
    assert everywhere in texts["/products/"]
    assert on_the_product in texts[f"/products/{mug.id}/"]
    assert by_program in texts["/api/products/"]
    assert by_program in texts[f"/api/products/{mug.id}/"]


def test_a_sale_of_many_leaves_the_page_and_changes_the_number(
    client: Client, mug: Product
) -> None:
    variant = Variant.objects.get(product=mug)
    inventory.receive(units={variant.id: 88}, location_code="main", reference="r")
    page, program = f"/products/{mug.id}/", f"/api/products/{mug.id}/"
    assert client.get(page).status_code == client.get(program).status_code == 200
    place({variant.id: 1})
    assert client.get(page)["X-Cache"] == "hit"
    assert b'"stock":99' in client.get(program).content


def test_whoever_brings_a_token_is_told_what_is_so_now(client: Client, mug: Product) -> None:
    program = f"/api/products/{mug.id}/"
    client.get(program)
    # By hand: nobody has let it be shown anew.
    Product.objects.update(name="Secret mug")
    live = client.get(program, headers={"Authorization": "Bearer x"})
    assert b"Secret mug" in live.content
    assert (live["Cache-Control"], "X-Cache" in live) == ("private, no-store", False)
    assert b"Secret mug" not in client.get(program).content
