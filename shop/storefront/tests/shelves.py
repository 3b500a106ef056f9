"""Finding one's way on the pages for everybody."""

import re
from typing import Any

from django.urls import reverse

from shop.catalog.models import Category, Product, Variant
from shop.storefront.tests.reading import words_of

PUBLIC = ["category_list", "category_detail", "product_list", "product_detail", "search"]


def product_of(variant_id: int) -> Product:
    """Return the product of a variant."""
    return Variant.objects.get(id=variant_id).product


def category(name: str) -> Category:
    """Return the category of that name."""
    found: Category = Category.objects.get(name=name)
    return found


def address_of(name: str, product: Product) -> str:
    """Return the address of a public page: its own, its category's, or one of no product."""
    arguments = {"category_detail": [product.category_id], "product_detail": [product.id]}
    return reverse(name, args=arguments.get(name))


def cards(response: Any) -> list[str]:
    """Return what the products of a list say, in their order."""
    found = re.findall(r'<li class="card[ "].*?</li>', _body(response), flags=re.DOTALL)
    return [words_of(card) for card in found]


def names(response: Any) -> list[str]:
    """Return the names of the products of a list, in their order."""
    found = re.findall(r'<li class="card[ "].*?<h3>(.*?)</h3>', _body(response), flags=re.DOTALL)
    return [words_of(name) for name in found]


def ticks(response: Any) -> dict[str, str]:
    """Return what a list can be narrowed down by, and the address each of it leads to."""
    return dict(_links(_body(response), r'class="tick"[^>]*'))


def chosen(response: Any) -> dict[str, str]:
    """Return what a list is narrowed down by, and the address it has without."""
    body = _body(response)
    found = re.search(r'<ul class="chips chosen".*?</ul>', body, flags=re.DOTALL)
    steps = _links(found[0], "[^>]*") if found else []
    return {text.removesuffix("\u00d7"): address for text, address in steps}


def onwards(response: Any, rel: str) -> str | None:
    """Return the address of the page after (`next`) or before (`prev`) this one of a list."""
    found = re.search(rf'<a rel="{rel}" href="([^"]*)"', _body(response))
    return found[1].replace("&amp;", "&") if found else None


def _links(markup: str, attributes: str) -> list[tuple[str, str]]:
    found = re.findall(rf'<a {attributes}href="([^"]*)"[^>]*>(.*?)</a>', markup, flags=re.DOTALL)
    return [(words_of(text), address.replace("&amp;", "&")) for address, text in found]


def _body(response: Any) -> str:
    body: str = response.content.decode()
    return body
