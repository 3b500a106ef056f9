"""What products, categories and their pictures look like."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.request import Request

from shop.api.rendering import rendered
from shop.showcase.rules import Item, ItemPicture, ItemVariant, Picture

if TYPE_CHECKING:
    from shop.catalog.models import Category


class SourceBody(serializers.Serializer[Any]):
    """The renditions of a picture in one format, for a `<source>`."""

    type = serializers.CharField(help_text="`image/avif` or `image/webp`.")
    srcset = serializers.CharField(help_text="Addresses with their widths.")


class PictureBody(serializers.Serializer[Any]):
    """A picture of a product, or of one of its variants."""

    id = serializers.IntegerField()
    url = serializers.CharField(help_text="Where the largest rendition lies.")
    alt = serializers.CharField(help_text="What is to be seen, for who does not see it.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    variant = serializers.IntegerField(allow_null=True)
    position = serializers.IntegerField()
    sources = SourceBody(many=True, help_text="Empty until the renditions are made.")


class ProductCategoryBody(serializers.Serializer[Any]):
    """The category a product stands in."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    image = serializers.CharField(allow_null=True, help_text="The address of its picture.")


class CategoryBody(ProductCategoryBody):
    """A category."""

    # The library takes fields out of the class, so nothing of its own is hidden by the name.
    parent = serializers.IntegerField(  # type: ignore[assignment]
        allow_null=True, help_text="Null at the top of the tree."
    )


class OptionBody(serializers.Serializer[Any]):
    """A way in which the variants of a product differ, and the choice of one of them."""

    code = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField()
    value_name = serializers.CharField()


class VariantBody(serializers.Serializer[Any]):
    """What is bought: one SKU at one price."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    title = serializers.CharField(help_text="The names of its values: `Red, M`.")
    price = serializers.DecimalField(14, 2)
    regular_price = serializers.DecimalField(
        14, 2, allow_null=True, help_text="What it costs when it is not reduced."
    )
    stock = serializers.IntegerField(help_text="How many can be sold now.")
    is_published = serializers.BooleanField()
    options = OptionBody(many=True)


class ProductBody(serializers.Serializer[Any]):
    """A product with everything that belongs to it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    price = serializers.DecimalField(
        14, 2, allow_null=True, help_text="The lowest of its variants; null where none is for sale."
    )
    regular_price = serializers.DecimalField(
        14, 2, allow_null=True, help_text="What the price is reduced from."
    )
    stock = serializers.IntegerField(
        help_text="How many can be sold now, over all variants and stock locations."
    )
    in_stock = serializers.BooleanField()
    rating = serializers.DecimalField(
        3, 2, allow_null=True, help_text="1 to 5; null where nobody has rated it."
    )
    review_count = serializers.IntegerField()
    is_published = serializers.BooleanField()
    order_limit = serializers.IntegerField(
        allow_null=True,
        help_text="How many one order can have, of all variants together; null: no limit.",
    )
    customer_limit = serializers.IntegerField(
        allow_null=True,
        help_text="How many a customer can have in all: an account, an e-mail or postal address.",
    )
    hold_minutes = serializers.IntegerField(
        allow_null=True, help_text="For how long a cart holds it; null: not at all."
    )
    created_at = serializers.DateTimeField()
    category = ProductCategoryBody()
    image = serializers.CharField(allow_null=True, help_text="The address of the first picture.")
    pictures = PictureBody(many=True)
    variants = VariantBody(many=True)


def product_body(root: str, item: Item) -> dict[str, Any]:
    """Return the body of a product, with absolute addresses, all of which begin with `root`."""
    category = item.category
    facts = {
        "id": item.id,
        "name": item.name,
        "description": item.description,
        "price": item.price,
        "regular_price": item.regular_price,
        "stock": item.stock,
        "in_stock": item.in_stock,
        "rating": item.rating,
        "review_count": item.review_count,
        "is_published": item.is_published,
        "order_limit": item.limits.per_order,
        "customer_limit": item.limits.per_customer,
        "hold_minutes": item.limits.hold_minutes,
        "created_at": item.created_at,
        "category": {
            "id": category.id,
            "name": category.name,
            "description": category.description,
            "image": _address(root, category.picture.url if category.picture else None),
        },
        "image": _address(root, item.image.url if item.image else None),
        "pictures": [_picture(root, picture) for picture in item.pictures],
        "variants": item.variants,
    }
    return rendered(ProductBody, facts)


def variant_body(item: Item, variant_id: int) -> Mapping[str, Any]:
    """Return the body of one of a product's variants."""
    variant: ItemVariant = next(found for found in item.variants if found.id == variant_id)
    return rendered(VariantBody, variant)


def picture_body(request: Request, item: Item, picture_id: int) -> Mapping[str, Any]:
    """Return the body of one of a product's pictures."""
    picture = next(found for found in item.pictures if found.id == picture_id)
    return rendered(PictureBody, _picture(root_of(request), picture))


def category_body(
    request: Request, category: "Category", parents: Mapping[int, int]
) -> Mapping[str, Any]:
    """Return the body of a category, given which one is right above it."""
    facts = {
        "id": category.id,
        "name": category.name,
        "description": category.description,
        "image": _address(root_of(request), category.image.url if category.image else None),
        "parent": parents.get(category.id),
    }
    return rendered(CategoryBody, facts)


def _picture(root: str, found: ItemPicture) -> dict[str, Any]:
    picture: Picture = found.picture
    return {
        "id": found.id,
        "url": _address(root, picture.url),
        "alt": picture.alt,
        "width": picture.width,
        "height": picture.height,
        "variant": found.variant,
        "position": found.position,
        "sources": [
            {"type": source.type, "srcset": _srcset(root, source.srcset)}
            for source in picture.sources
        ],
    }


def _srcset(root: str, srcset: str) -> str:
    """Return a srcset with absolute addresses; the names of pictures hold no blanks or commas."""
    parts = (part.split(" ") for part in srcset.split(", "))
    return ", ".join(f"{_address(root, url)} {width}" for url, width in parts)


def root_of(request: Request) -> str:
    """Return what stands before the path of every address of the shop."""
    return request.build_absolute_uri("/").removesuffix("/")


def _address(root: str, url: str | None) -> str | None:
    """Return the whole address; MEDIA_URL may name another host already."""
    return f"{root}{url}" if url and url.startswith("/") else url or None
