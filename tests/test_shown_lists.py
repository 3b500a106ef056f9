"""Lists are put together of parts that are kept, and show at once what any verb has done."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from shop.catalog import actions as catalog
from shop.catalog.models import Product
from shop.inventory import actions as inventory
from shop.lib.public import parts
from shop.lib.public.parts import Kind
from shop.showcase.queries import lists
from tests.builders import put_on_sale
from tests.counts import count_of
from tests.pictures import upload
from tests.queries import queries_named
from tests.test_showing import CATALOG, CATEGORIES, FLAGS, REVIEWS, STOCK, Shelf, shelf

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

__all__ = ["shelf"]

VERBS = CATALOG | CATEGORIES | STOCK | FLAGS | REVIEWS
KINDS = ("api_product", "card", "list_head", "category_head")
# Whoever brings one gets nothing that was kept as a whole.
TOKEN = {"Authorization": "Bearer x"}


@pytest.fixture(autouse=True)
def _parts_are_kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep parts as where all processes share a cache: for long, and for programs as well."""
    settings.KEEP_PAGES = True
    monkeypatch.setattr(parts, "_shelf", parts._Shelf())
    cache: Any = caches["public"]
    monkeypatch.setattr(cache, "is_shared", True, raising=False)
    before, cache.default_timeout = cache.default_timeout, 60
    yield
    cache.default_timeout = before


def addresses(shelf: Shelf) -> list[str]:
    return [
        "/",
        "/products/",
        "/products/?sort=price",
        f"/{shelf.product.category_id}/",
        "/search/?q=mug",
        "/api/products/",
        "/api/products/?sort=price",
        f"/api/products/?category={shelf.product.category_id}",
    ]


def said(client: Client, paths: list[str], **headers: str) -> dict[str, tuple[int, bytes]]:
    answers = {path: client.get(path, headers=headers) for path in paths}
    return {path: (answer.status_code, answer.content) for path, answer in answers.items()}


def of_parts(client: Client, shelf: Shelf) -> dict[str, tuple[int, bytes]]:
    """Return what lists say to programs that sign in: of what is kept they have parts alone."""
    return said(client, addresses(shelf), **TOKEN)


def anew(client: Client, shelf: Shelf, settings: Any) -> dict[str, tuple[int, bytes]]:
    """Return what lists say where nothing is kept."""
    settings.KEEP_PAGES = False
    made = said(client, addresses(shelf))
    settings.KEEP_PAGES = True
    return made


def made_of(kind: str) -> float:
    return count_of("novashop_public_parts_total", kind=kind, result="made")


def test_what_is_put_together_is_byte_for_byte_what_is_made_anew(
    client: Client, shelf: Shelf, settings: Any
) -> None:
    """With all that can be in the way of putting bytes together: signs, markup, many stocks."""
    catalog.change_product(
        product_id=shelf.product.id,
        changes={"name": 'Mug "100 %d" <b>\u2028é\\', "description": "%s %% {}"},
    )
    put_on_sale("fork", stock=0, category=("Kitchen",))
    catalog.add_picture(product_id=shelf.product.id, file=upload())
    expected = anew(client, shelf, settings)
    before = {kind: made_of(kind) for kind in KINDS}
    assert of_parts(client, shelf) == expected
    assert all(made_of(kind) > before[kind] for kind in KINDS)
    before = {kind: made_of(kind) for kind in KINDS}
    assert of_parts(client, shelf) == said(client, addresses(shelf)) == expected
    assert {kind: made_of(kind) for kind in KINDS} == before


@pytest.mark.parametrize("name", VERBS)
def test_after_each_verb_the_next_list_shows_what_it_did(
    client: Client, shelf: Shelf, settings: Any, name: str
) -> None:
    put_on_sale("fork", category=("Shed",))
    assert of_parts(client, shelf) == said(client, addresses(shelf))
    VERBS[name](shelf)
    expected = anew(client, shelf, settings)
    assert of_parts(client, shelf) == expected
    assert said(client, addresses(shelf)) == expected
    assert of_parts(client, shelf) == expected


@pytest.mark.parametrize(
    ("place", "left", "verb", "path"),
    [
        ("shop.storefront.cards.CARDS", [], "change_product", "/products/"),
        ("shop.api.product_parts.PRODUCTS", ["categories"], "change_product", "/api/products/"),
        ("shop.api.product_parts.PRODUCTS", ["product:{}"], "change_category", "/api/products/"),
        ("shop.showcase.queries.lists._LIST_HEADS", [], "change_category", "/products/"),
        ("shop.showcase.queries.lists._CATEGORY_HEADS", [], "change_category", "/{}/"),
    ],
)
def test_with_a_generation_left_out_it_would_not(
    client: Client, shelf: Shelf, settings: Any, monkeypatch: pytest.MonkeyPatch,
    place: str, left: list[str], verb: str, path: str,
) -> None:  # fmt: skip
    """The twin: each generation of each kind is there for a change that nothing else tells of."""
    id_ = shelf.product.category_id if path == "/{}/" else shelf.product.id
    names = [name.format(shelf.product.id) for name in left] or ["nothing"]
    monkeypatch.setattr(place, Kind("twin", lambda _: names, lambda _: 1))
    paths = [path.format(id_)]
    before = said(client, paths, **TOKEN)
    VERBS[verb](shelf)
    assert said(client, paths, **TOKEN) == before
    settings.KEEP_PAGES = False
    assert said(client, paths) != before


def test_a_product_that_is_hidden_once_the_list_was_read_is_left_out(
    client: Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_sale("fork")
    ids = list(Product.objects.order_by("name").values_list("id", flat=True))
    read = lists._ids

    def read_and_hide(*arguments: Any, **options: Any) -> Any:
        found = read(*arguments, **options)
        catalog.set_published(product_ids=[shelf.product.id], is_published=False)
        return found

    monkeypatch.setattr(lists, "_ids", read_and_hide)
    page, program = client.get("/products/"), client.get("/api/products/")
    assert b"Mug" not in page.content
    assert [product["id"] for product in program.json()["results"]] == ids[:1]


@pytest.mark.parametrize("headers", [{}, TOKEN], ids=["nobody", "token"])
@pytest.mark.parametrize(
    ("warm", "path", "left"),
    [
        ("/products/", "/products/?sort=price", ["SELECT catalog_product"]),
        ("/products/", "/products/?price_from=1&in_stock=1", ["SELECT catalog_product"]),
        ("/products/", "/search/?q=mug", ["SELECT catalog_product"]),
        ("/{}/", "/{}/?sort=newest", ["SELECT catalog_product"]),
        ("/products/", "/", [*["SELECT catalog_product"] * 2, "SELECT catalog_category"]),
        (
            "/api/products/",
            "/api/products/?sort=price",
            ["SELECT catalog_product", "SELECT inventory_stocklevel"],
        ),
    ],
)
def test_of_what_is_kept_nothing_is_asked(
    client: Client, shelf: Shelf, warm: str, path: str, left: list[str], headers: dict[str, str]
) -> None:
    """What remains is which products there are, in which order; and their stock."""
    put_on_sale("fork", category=("Kitchen",))
    client.get(warm.format(shelf.product.category_id))
    with queries_named() as names:
        response = client.get(path.format(shelf.product.category_id), headers=headers)
    assert response.status_code == 200
    assert names == left


def test_one_that_has_changed_costs_as_much_as_all_of_them(client: Client, shelf: Shelf) -> None:
    for number in range(5):
        put_on_sale(f"cup-{number}")
    of_all = [
        "SELECT catalog_product",  # which, and in which order
        "SELECT catalog_product",
        "SELECT catalog_variant",
        "SELECT catalog_productimage",
        "SELECT inventory_stocklevel",
    ]
    for _ in range(2):
        with queries_named() as names:
            client.get("/api/products/", headers=TOKEN)
        assert names == of_all
        catalog.change_product(product_id=shelf.product.id, changes={"name": "Jug"})


def test_stock_is_asked_for_whenever_a_list_is_put_together(client: Client, shelf: Shelf) -> None:
    """Nobody has told of this sale yet, as where a process dies just then."""
    client.get("/api/products/", headers=TOKEN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shop.lib.public.generations.renew", lambda _: None)
        inventory.count(
            counts={shelf.variant.id: 2, shelf.other.id: 1}, location_code="main", reference="r"
        )
    (product,) = client.get("/api/products/", headers=TOKEN).json()["results"]
    assert (product["stock"], product["in_stock"]) == (3, True)
    assert [variant["stock"] for variant in product["variants"]] == [2, 1]
