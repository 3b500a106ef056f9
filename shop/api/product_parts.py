"""Bodies of products in lists: kept but for their stock, which is read whenever they are shown."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from shop.api.catalogue_bodies import product_body, root_of
from shop.catalog.rules import CATEGORIES, PRODUCT
from shop.inventory import queries as inventory
from shop.lib.public.parts import Kind
from shop.showcase import queries
from shop.showcase.rules import Item

# Stands where a number of stock is to be; nobody can have put it into a text.
_HOLE = secrets.token_hex()
_QUOTED_HOLE = f'"{_HOLE}"'.encode()
_FLAGS = {True: b"true", False: b"false"}


@dataclass(frozen=True, slots=True)
class ProductPart:
    """The body of a product as JSON, with a place for each number of its stock."""

    text: bytes
    variant_ids: tuple[int, ...]

    @classmethod
    def of(cls, item: Item, *, root: str) -> "ProductPart":
        body = product_body(root, item)
        body["stock"] = body["in_stock"] = _HOLE
        for variant in body["variants"]:
            variant["stock"] = _HOLE
        text = JSONRenderer().render(body).replace(b"%", b"%%").replace(_QUOTED_HOLE, b"%b")
        return cls(text, tuple(variant.id for variant in item.variants))

    def with_stock(self, stock: Mapping[int, int]) -> bytes:
        """Return the body, given what can be sold of each variant now."""
        left = [stock[variant_id] for variant_id in self.variant_ids]
        units = sum(left)
        return self.text % (b"%d" % units, _FLAGS[units > 0], *(b"%d" % each for each in left))


# What a product's own address names as well (`products.Product`), but for its stock.
PRODUCTS: Kind[int, ProductPart] = Kind(
    "api_product",
    lambda product_id: [PRODUCT.format(product_id=product_id), CATEGORIES],
    lambda part: len(part.text) + 40 * len(part.variant_ids),
)


def bodies(request: Request, product_ids: Sequence[int]) -> list[bytes]:
    """Return the bodies of products on show as JSON, in this order; of others none.

    One query, and three for all that are not kept.
    """
    root = root_of(request)

    def make(ids: Sequence[int]) -> dict[int, ProductPart]:
        items = queries.items_but_for_stock(ids)
        return {id_: ProductPart.of(item, root=root) for id_, item in items.items()}

    found = PRODUCTS.of(product_ids, make, besides=root)
    parts = [found[product_id] for product_id in product_ids if product_id in found]
    if not parts:
        return []
    stock = inventory.available([id_ for part in parts for id_ in part.variant_ids])
    return [part.with_stock(stock) for part in parts]
