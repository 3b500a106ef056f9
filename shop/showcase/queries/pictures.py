"""Pictures of products and categories, as pages show them."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from shop.catalog import queries as catalog
from shop.showcase.rules import Picture, picture_of

if TYPE_CHECKING:
    from shop.catalog.models import Category, ProductImage


def pictures_by_product(product_ids: Collection[int]) -> dict[int, Picture]:
    """Return the picture that stands for each of these products; one query, none for none."""
    if not product_ids:
        return {}
    found = catalog.first_pictures(product_ids)
    return {product_id: as_shown(image) for product_id, image in found.items()}


def pictures_by_variant(variants: Mapping[int, int]) -> dict[int, Picture]:
    """Return what to show for each of these variants, given with its product; one query at most."""
    if not variants:
        return {}
    found = catalog.pictures_of_variants(variants)
    return {variant_id: as_shown(image) for variant_id, image in found.items()}


def picture_of_category(category: "Category") -> Picture | None:
    """Return the picture of a category, None where it has none. Beside its name it says nothing."""
    if not category.image:
        return None
    return picture_of(
        url=category.image.url,
        alt="",
        width=category.image_width,
        height=category.image_height,
        widths=category.image_widths,
    )


def as_shown(image: "ProductImage") -> Picture:
    """Return a picture of a product as pages show it."""
    return picture_of(
        url=image.file.url,
        alt=image.alt,
        width=image.width,
        height=image.height,
        widths=image.widths,
    )
