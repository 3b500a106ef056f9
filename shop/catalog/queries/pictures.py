"""Reads about pictures of products."""

from collections.abc import Collection

from django.db.models import OuterRef, Subquery

from shop.catalog.errors import UnknownPicture
from shop.catalog.models import Product, ProductImage


def first_pictures(product_ids: Collection[int]) -> dict[int, ProductImage]:
    """Return the picture that stands for each of these products, in one query; of some none."""
    in_order = ProductImage.objects.filter(product_id=OuterRef("pk")).order_by("position", "id")
    first = Product.objects.filter(id__in=product_ids).annotate(
        first=Subquery(in_order.values("id")[:1])
    )
    found = ProductImage.objects.filter(id__in=first.values("first"))
    return {picture.product_id: picture for picture in found}


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
