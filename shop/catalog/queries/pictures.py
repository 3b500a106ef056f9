"""Reads about pictures of products."""

from collections.abc import Collection, Mapping

from django.db.models import OuterRef, Q, QuerySet, Subquery

from shop.catalog.errors import UnknownPicture
from shop.catalog.models import Product, ProductImage


def first_pictures(product_ids: Collection[int]) -> dict[int, ProductImage]:
    """Return the picture that stands for each of these products, in one query; of some none."""
    found = ProductImage.objects.filter(id__in=_first_ids(product_ids))
    return {picture.product_id: picture for picture in found}


def pictures_of_variants(variants: Mapping[int, int]) -> dict[int, ProductImage]:
    """Return what to show for each of these variants, in one query; of some nothing.

    That is its own first picture, or the one that stands for its product. `variants` has the
    product of each.
    """
    wanted = Q(variant_id__in=variants) | Q(id__in=_first_ids(set(variants.values())))
    own: dict[int, ProductImage] = {}
    first: dict[int, ProductImage] = {}
    for picture in ProductImage.objects.filter(wanted).order_by("position", "id"):
        first.setdefault(picture.product_id, picture)
        if picture.variant_id is not None:
            own.setdefault(picture.variant_id, picture)
    shown = {id_: own.get(id_) or first.get(product_id) for id_, product_id in variants.items()}
    return {id_: picture for id_, picture in shown.items() if picture is not None}


def _first_ids(product_ids: Collection[int]) -> "QuerySet[Product, int | None]":
    """Return the ids of the pictures that stand for these products, as a subquery."""
    in_order = ProductImage.objects.filter(product_id=OuterRef("pk")).order_by("position", "id")
    first = Product.objects.filter(id__in=product_ids).annotate(
        first=Subquery(in_order.values("id")[:1])
    )
    return first.values_list("first", flat=True)


def pictures_of(product_id: int) -> list[ProductImage]:
    """Return the pictures of a product, in the merchant's order, in one query."""
    found = ProductImage.objects.filter(product_id=product_id)
    return list(found.order_by("position", "id"))


def picture(picture_id: int) -> ProductImage:
    """Return one picture of a product, in one query. Raises UnknownPicture."""
    found = ProductImage.objects.filter(id=picture_id).first()
    if found is None:
        raise UnknownPicture(picture_id)
    return found
