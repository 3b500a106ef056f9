"""What the shop sells, read from its API before anybody comes."""

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from load.refusals import CannotRunError

# As many products as a crowd looks at.
_MOST_PRODUCTS = 1_000
_SECONDS = 30
_SECONDS_FOR_PICTURES = 180
# Of what there is so much of, nobody is told that there is too little.
PLENTY = 1_000

# As the crowd goes: past any proxy.
_straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Variant:
    """Something that can be bought."""

    id: int
    title: str
    price: Decimal
    stock: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product, with its variants that are sold."""

    id: int
    name: str
    price: Decimal | None
    variants: tuple[Variant, ...]

    @property
    def stock(self) -> int:
        return sum(variant.stock for variant in self.variants)

    @property
    def is_plenty(self) -> bool:
        """Whether there is more of all that is left than a crowd buys."""
        return self.stock > 0 and all(each.stock >= PLENTY for each in self.in_stock)

    @property
    def in_stock(self) -> list[Variant]:
        return [variant for variant in self.variants if variant.stock]

    def variant(self, variant_id: int) -> Variant:
        return next(variant for variant in self.variants if variant.id == variant_id)


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the shop."""

    id: int
    name: str


@dataclass(frozen=True)
class Catalogue:
    """Everything on sale. `flash` is the product that all FlashBuyers want."""

    categories: tuple[Category, ...]
    products: tuple[Product, ...]
    flash: Product

    @cached_property
    def for_buyers(self) -> tuple[Product, ...]:
        """What honest buyers buy: that of which there is plenty, as far as the shop has any."""
        others = [product for product in self.products if product != self.flash and product.stock]
        return tuple([each for each in others if each.is_plenty] or others)

    @cached_property
    def has_plenty(self) -> bool:
        """Whether no honest buyer can be told that there is too little."""
        return all(product.is_plenty for product in self.for_buyers)

    @cached_property
    def by_id(self) -> dict[int, Product]:
        return {product.id: product for product in self.products}


def read(url: str, *, flash: int | None = None) -> Catalogue:
    """Return what the shop at `url` sells. Raises CannotRunError.

    `flash` is the id of the product with the small stock; by default that with the smallest.
    """
    try:
        categories = [Category(row["id"], row["name"]) for row in _rows(f"{url}/api/categories/")]
        products = [_product(row) for row in _rows(f"{url}/api/products/?page_size=100")]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotRunError(f"the shop at {url} does not say what it sells: {error}") from error
    sold = [product for product in products if product.variants]
    return Catalogue(tuple(categories), tuple(sold), _flash(sold, flash, url))


def wait_for_pictures(url: str) -> None:
    """Wait until the relay has made the narrower copies, which keeps a core busy for a while.

    Goes on after three minutes all the same: a shop may have pictures that cannot be read.
    """
    deadline = time.monotonic() + _SECONDS_FOR_PICTURES
    while time.monotonic() < deadline and _has_unfinished_pictures(url):
        time.sleep(3)


def _has_unfinished_pictures(url: str) -> bool:
    rows = _rows(f"{url}/api/products/?page_size=100")
    return not all(picture["sources"] for row in rows for picture in row["pictures"])


def _flash(products: list[Product], wanted: int | None, url: str) -> Product:
    if wanted is not None:
        found = [product for product in products if product.id == wanted]
    else:
        found = sorted((each for each in products if each.stock), key=lambda each: each.stock)
    if not found:
        what = "nothing to buy" if wanted is None else f"no product {wanted}"
        raise CannotRunError(f"the shop at {url} has {what}")
    return found[0]


def _product(row: dict[str, Any]) -> Product:
    variants = (
        Variant(each["id"], each["title"], Decimal(each["price"]), each["stock"])
        for each in row["variants"]
        if each["is_published"]
    )
    price = None if row["price"] is None else Decimal(row["price"])
    return Product(row["id"], " ".join(row["name"].split()), price, tuple(variants))


def _rows(address: str) -> Iterator[dict[str, Any]]:
    count = 0
    while address and count < _MOST_PRODUCTS:
        with _straight.open(address, timeout=_SECONDS) as answer:
            page = json.load(answer)
        yield from page["results"]
        count += len(page["results"])
        address = page["next"] or ""
