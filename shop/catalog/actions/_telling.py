"""What the catalogue tells: one piece of news of a kind, for however many products."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from shop.catalog.actions.showing import generations_of
from shop.catalog.models import Product
from shop.events import actions as events
from shop.events.rules import subject_of
from shop.lib.public.generations import renew_after_commit


def tell_products(what: str, product_ids: Collection[int]) -> None:
    """Tell that this happened to products: "added", "changed" or "removed"."""
    ids = sorted(product_ids)
    if ids:
        renew_after_commit(generations_of(ids))
        events.emit(
            name=f"product.{what}",
            subject=subject_of("product", ids),
            payload={"product_ids": ids},
        )


def tell_repriced(before: Mapping[Product, Decimal | None]) -> None:
    """Tell what products cost now, given what each of them did before."""
    if not before:
        return
    prices = [
        {"product_id": product.id, "before": _amount(price), "price": _amount(product.price)}
        for product, price in before.items()
    ]
    events.emit(
        name="product.price_changed",
        subject=subject_of("product", [product.id for product in before]),
        payload={"prices": prices},
    )


def tell_shown_or_hidden(variant_ids: Collection[int], product_ids: Collection[int]) -> None:
    """Tell that variants may have come into sight or gone: whether a product is had follows."""
    if variant_ids:
        events.emit(
            name="product.visibility_changed",
            subject=subject_of("product", product_ids),
            payload={"variant_ids": sorted(variant_ids)},
        )


def tell_category(what: str, category_id: int) -> None:
    """Tell that this happened to a category: "added", "changed" or "removed"."""
    renew_after_commit(generations_of(categories=True))
    events.emit(
        name=f"category.{what}",
        subject=f"category:{category_id}",
        payload={"category_id": category_id},
    )


def _amount(price: Decimal | None) -> str | None:
    return None if price is None else f"{price:.2f}"
