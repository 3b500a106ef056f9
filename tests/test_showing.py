"""Every verb that changes what visitors see lets it be shown anew; a new one has to say so, too."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from shop.catalog import actions as catalog
from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.rules import PriceChange, ProductFacts, ProductRow, VariantFacts
from shop.events import actions as events
from shop.events.models import Event
from shop.inventory import actions as inventory
from shop.inventory.models import StockLevel, StockLocation, StockMovement
from shop.inventory.rules import Share, Want
from shop.lib.caches.errors import CacheAwayError
from shop.lib.public import generations
from shop.reviews import actions as reviews
from shop.reviews.rules import ReviewRow
from tests.builders import put_on_sale
from tests.pictures import upload

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Shelf:
    """What each verb starts from: two variants of one product, in a category, at a location."""

    product: Product
    variant: Variant
    other: Variant
    user: Any

    @property
    def level(self) -> StockLevel:
        return StockLevel.objects.get(variant=self.variant)

    @property
    def names(self) -> set[str]:
        return {"catalogue", f"product:{self.product.id}"}

    @property
    def numbers(self) -> set[str]:
        id_ = self.product.id
        return {"stock", f"stock:{id_}", f"few:{id_}"}


@pytest.fixture
def shelf(alice: Any, settings: Any, tmp_path: Path) -> Shelf:
    settings.MEDIA_ROOT = tmp_path
    made = [
        put_on_sale(sku, product="mug", name="Mug", stock=stock, category=("Kitchen",))
        for sku, stock in (("mug-a", 5), ("mug-b", 0))
    ]
    first, second = (Variant.objects.get(id=id_) for id_ in made)
    return Shelf(first.product, first, second, alice)


@pytest.fixture
def renewed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(generations, "renew", found.extend)
    return found


Verb = Callable[[Shelf], Any]


def in_transaction(work: Verb) -> Verb:
    def verb(shelf: Shelf) -> None:
        with transaction.atomic():
            work(shelf)

    return verb


def first_picture(shelf: Shelf) -> int:
    return catalog.add_picture(product_id=shelf.product.id, file=upload())


def remade(shelf: Shelf) -> None:
    first_picture(shelf)
    assert catalog.make_renditions() == 1


def brought_back(shelf: Shelf) -> None:
    """Clear a file that somebody has begun to show again just then."""
    first_picture(shelf)
    name = str(ProductImage.objects.get().file)
    master = Path(settings.MEDIA_ROOT) / name
    master.rename(master.with_name(f".{master.name}.removed"))
    with transaction.atomic():
        catalog.clear_file(name=name)


def share(shelf: Shelf) -> list[Share]:
    return [Share(level_id=shelf.level.id, quantity=1)]


def promise(shelf: Shelf) -> None:
    _, levels = inventory.lock_shelf(variant_ids=[shelf.variant.id])
    inventory.promise(levels=levels, shares=share(shelf))


def ship(shelf: Shelf) -> None:
    promise(shelf)
    outgoing = inventory.Outgoing(level_id=shelf.level.id, quantity=1, reference="order:1")
    inventory.ship(outgoing=[outgoing], by=None)


def release(shelf: Shelf) -> None:
    promise(shelf)
    inventory.release(shares=share(shelf))


def held(shelf: Shelf) -> UUID:
    """Let somebody hold a unit; return who."""
    holder = uuid4()
    want = Want(variant_id=shelf.variant.id, sku=shelf.variant.sku, quantity=1)
    inventory.hold(holder=holder, want=want, minutes=5)
    return holder


def hold_and_let_go(shelf: Shelf) -> None:
    inventory.release_holds(holder=held(shelf))


def carry(shelf: Shelf) -> None:
    inventory.carry_holds(source=held(shelf), target=uuid4(), quantities={})


def expire(shelf: Shelf) -> None:
    in_transaction(held)(shelf)
    assert inventory.end_expired_holds(now=timezone.now() + timedelta(hours=1)) == 1


def move(shelf: Shelf) -> None:
    inventory.add_location(code="back", name="Back")
    inventory.move(units={shelf.variant.id: 1}, from_code="main", to_code="back", reference="r")


def close(_: Shelf) -> None:
    location = StockLocation.objects.get()
    inventory.set_location_active(location_id=location.id, is_active=False)


def rebuild(shelf: Shelf) -> None:
    StockLevel.objects.update(on_hand=4)
    inventory.rebuild_levels(level_ids=[shelf.level.id], allocated=lambda _: {})


def wrote(shelf: Shelf) -> int:
    return reviews.write(user_id=shelf.user.id, product_id=shelf.product.id, rating=4, text="Fine")


def put_review(shelf: Shelf) -> None:
    row = ReviewRow(
        product_id=shelf.product.id, user_id=shelf.user.id, author="A. A.", rating=3, text="So",
        bought_it=False, created_at=timezone.now(),
    )  # fmt: skip
    reviews.put_reviews(rows=[row])


def unstock() -> None:
    """Let nothing speak of the variants any more, as if they had never been stocked."""
    StockMovement.objects.all().delete()
    StockLevel.objects.all().delete()


def remove(shelf: Shelf) -> None:
    unstock()
    catalog.remove_product(product_id=shelf.product.id)


def remove_variant(shelf: Shelf) -> None:
    unstock()
    catalog.remove_variant(variant_id=shelf.other.id)


def published(_: Shelf) -> Exists:
    return Exists(Variant.objects.filter(is_published=True))


CATALOG: dict[str, Verb] = {
    "add_product": lambda shelf: catalog.add_product(
        product=ProductFacts(name="Bowl", category_id=shelf.product.category_id),
        variants=[VariantFacts(sku="bowl", price=Decimal(3))],
    ),
    "add_variant": lambda shelf: catalog.add_variant(
        product_id=shelf.product.id, variant=VariantFacts(sku="mug-c", price=Decimal(3))
    ),
    "change_product": lambda shelf: catalog.change_product(
        product_id=shelf.product.id, changes={"name": "Large mug"}
    ),
    "change_variant": lambda shelf: catalog.change_variant(
        variant_id=shelf.variant.id, changes={"price": Decimal(9)}
    ),
    "remove_product": remove,
    "remove_variant": remove_variant,
    "settle": in_transaction(lambda shelf: catalog.settle(product_ids=[shelf.product.id])),
    "add_picture": first_picture,
    "change_picture": lambda shelf: catalog.change_picture(
        picture_id=first_picture(shelf), alt="A mug"
    ),
    "remove_picture": lambda shelf: catalog.remove_picture(picture_id=first_picture(shelf)),
    "make_renditions": remade,
    "clear_file": brought_back,
    "put_products": lambda _: catalog.put_products(
        rows=[ProductRow(sku="mug-a", name="Mug", price=Decimal(1), product="mug")]
    ),
    "rate": in_transaction(
        lambda shelf: catalog.rate(product_ids=[shelf.product.id], stars=lambda _: {})
    ),
    "mark_in_stock": in_transaction(
        lambda shelf: catalog.mark_in_stock(variant_ids=[shelf.variant.id], when=published(shelf))
    ),
    "set_prices": lambda shelf: catalog.set_prices(
        prices=[PriceChange(shelf.variant.id, Decimal(2))]
    ),
    "set_published": lambda shelf: catalog.set_published(
        product_ids=[shelf.product.id], is_published=False
    ),
}
CATEGORIES: dict[str, Verb] = {
    "add_category": lambda _: catalog.add_category(name="Garden"),
    "change_category": lambda shelf: catalog.change_category(
        category_id=shelf.product.category_id, changes={"name": "Cookery"}
    ),
    "remove_category": lambda _: catalog.remove_category(
        category_id=catalog.add_category(name="Garden")
    ),
    "set_category_picture": lambda shelf: catalog.set_category_picture(
        category_id=shelf.product.category_id, file=upload()
    ),
    "remove_category_picture": lambda shelf: catalog.remove_category_picture(
        category_id=shelf.product.category_id
    ),
}
STOCK: dict[str, Verb] = {
    "receive": lambda shelf: inventory.receive(
        units={shelf.variant.id: 2}, location_code="main", reference="r"
    ),
    "receive_missing": lambda shelf: inventory.receive_missing(
        variant_ids=[shelf.variant.id], needed=lambda: {shelf.variant.id: 9},
        location_code="main", reference="r",
    ),
    "adjust": lambda shelf: inventory.adjust(
        changes={shelf.variant.id: -1}, location_code="main", reference="r"
    ),
    "count": lambda shelf: inventory.count(
        counts={shelf.variant.id: 1}, location_code="main", reference="r"
    ),
    "move": move,
    "promise": in_transaction(promise),
    "release": in_transaction(release),
    "ship": in_transaction(ship),
    "hold": in_transaction(held),
    "release_holds": in_transaction(hold_and_let_go),
    "carry_holds": in_transaction(carry),
    "end_expired_holds": expire,
    "rebuild_levels": rebuild,
}  # fmt: skip
FLAGS: dict[str, Verb] = {
    "refresh_in_stock": in_transaction(
        lambda shelf: inventory.refresh_in_stock([shelf.variant.id])
    ),
    "rebuild_flags": lambda shelf: inventory.rebuild_flags(variant_ids=[shelf.variant.id]),
    "set_location_active": close,
}
REVIEWS: dict[str, Verb] = {
    "write": wrote,
    "hide": lambda shelf: reviews.hide(review_ids=[wrote(shelf)], is_hidden=True),
    "put_reviews": put_review,
}
# Verbs that change nothing that anybody is shown: they lock, say, open a place where nothing lies,
# or forget what is over.
SILENT = {"lock", "lock_shelf", "held_shares", "add_location", "forget_terms", "generations_of"}


def verbs_of(module: Any, names: Iterable[str]) -> set[str]:
    return {name for name in names if inspect.isfunction(getattr(module, name))}


def test_every_verb_says_what_it_changes_for_visitors() -> None:
    known = {*CATALOG, *CATEGORIES, *STOCK, *FLAGS, *REVIEWS, *SILENT}
    own = [name for name, verb in vars(reviews).items() if _is_verb(verb, reviews.__name__)]
    found = verbs_of(catalog, catalog.__all__) | verbs_of(inventory, inventory.__all__)
    assert found | set(own) == known


def _is_verb(verb: object, module: str) -> bool:
    is_ours = inspect.isfunction(verb) and verb.__module__ == module
    return is_ours and not verb.__name__.startswith("_")  # type: ignore[attr-defined]


def told_by_news() -> set[str]:
    """Return the generations that whoever hears the news of now renews."""
    heard: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shop.catalog.tasks.renew_surely", heard.extend)
        events.deliver_due()
    return set(heard)


@pytest.mark.parametrize("name", [*CATALOG, *REVIEWS])
def test_a_verb_of_the_catalogue_is_shown_at_once_and_by_its_news(
    shelf: Shelf, renewed: list[str], name: str
) -> None:
    Event.objects.all().delete()
    renewed.clear()
    (CATALOG | REVIEWS)[name](shelf)
    wanted = {"catalogue"} if name == "add_product" else shelf.names
    if name in REVIEWS:
        wanted |= {"reviews"}
    assert wanted <= set(renewed)
    assert wanted <= told_by_news()


@pytest.mark.parametrize("name", CATEGORIES)
def test_a_verb_of_categories_shows_all_of_them_anew(
    shelf: Shelf, renewed: list[str], name: str
) -> None:
    Event.objects.all().delete()
    renewed.clear()
    CATEGORIES[name](shelf)
    assert {"catalogue", "categories"} <= set(renewed)
    assert {"catalogue", "categories"} <= told_by_news()


@pytest.mark.parametrize("name", [*STOCK, *FLAGS])
def test_a_verb_of_stock_shows_numbers_anew(shelf: Shelf, renewed: list[str], name: str) -> None:
    Event.objects.all().delete()
    renewed.clear()
    (STOCK | FLAGS)[name](shelf)
    assert shelf.numbers <= set(renewed)
    # A number is no news; that something can be had no more is.
    crosses = name in {"move", "rebuild_levels", *FLAGS}
    assert told_by_news() == (shelf.names if crosses else set())


def test_of_many_units_one_less_changes_no_page(shelf: Shelf, renewed: list[str]) -> None:
    inventory.receive(units={shelf.variant.id: 95}, location_code="main", reference="r")
    renewed.clear()
    in_transaction(promise)(shelf)
    assert set(renewed) == {"stock", f"stock:{shelf.product.id}"}


def test_selling_out_is_news(shelf: Shelf, renewed: list[str]) -> None:
    Event.objects.all().delete()
    inventory.count(counts={shelf.variant.id: 0}, location_code="main", reference="r")
    assert told_by_news() == shelf.names
    assert shelf.names | shelf.numbers <= set(renewed)


def test_what_is_not_committed_is_not_shown(shelf: Shelf, renewed: list[str]) -> None:
    renewed.clear()
    with transaction.atomic():
        catalog.mark_in_stock(variant_ids=[shelf.variant.id], when=published(shelf))
        assert renewed == []
        transaction.set_rollback(True)
    assert renewed == []


def test_the_news_are_delivered_once_the_cache_has_heard(
    shelf: Shelf, renewed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    events.deliver_due()
    catalog.set_published(product_ids=[shelf.product.id], is_published=False)
    heard: list[str] = []
    answers = iter([CacheAwayError(), None])

    def forget(names: Iterable[str]) -> None:
        if (error := next(answers)) is not None:
            raise error
        heard.extend(names)

    monkeypatch.setattr("shop.catalog.tasks.renew_surely", forget)
    events.deliver_due()
    waiting = Event.objects.get(delivered_at=None)
    assert (waiting.name, waiting.failures, heard) == ("product.changed", 1, [])

    Event.objects.update(due_at=timezone.now())
    events.deliver_due()
    assert not Event.objects.filter(delivered_at=None).exists()
    assert set(heard) == shelf.names
