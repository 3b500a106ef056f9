"""Products for programs: whole, in lists as well, each list in a constant number of queries."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from shop.catalog import queries as catalog
from shop.inventory import queries as inventory
from shop.showcase.queries.pictures import as_shown, picture_of_category
from shop.showcase.rules import (
    Item,
    ItemCategory,
    ItemOption,
    ItemPicture,
    ItemVariant,
)

if TYPE_CHECKING:
    from shop.catalog.models import Category, Product, ProductImage
    from shop.catalog.queries import Member


def items_but_for_stock(product_ids: Sequence[int]) -> dict[int, Item]:
    """Return products on show, by id, in three queries; of others none.

    Their stock says 0: whoever keeps them asks for it whenever it is shown.
    """
    if not product_ids:
        return {}
    rows = catalog.products_on_show().filter(id__in=product_ids).select_related("category")
    found = _items(list(rows), even_hidden=False, stock=lambda ids: dict.fromkeys(ids, 0))
    return {each.id: each for each in found}


def item(product_id: int, *, even_hidden: bool = False) -> Item:
    """Return a product in four queries; hidden ones, with hidden variants, for staff only.

    Raises UnknownProduct.
    """
    read = catalog.any_product if even_hidden else catalog.published_product
    (found,) = _items([read(product_id)], even_hidden=even_hidden, stock=inventory.available)
    return found


def _items(
    products: "Sequence[Product]",
    *,
    even_hidden: bool,
    stock: Callable[[Collection[int]], Mapping[int, int]],
) -> tuple[Item, ...]:
    ids = [product.id for product in products]
    members = catalog.members(ids, even_hidden=even_hidden)
    pictures = catalog.pictures_of_products(ids)
    left = stock([member.variant_id for family in members.values() for member in family])
    # Products of a page stand in few categories, and each of these is looked at once.
    categories = {product.category_id: product.category for product in products}
    shown = {category_id: _category(category) for category_id, category in categories.items()}
    return tuple(
        Item(
            id=product.id,
            name=product.name,
            description=product.description,
            price=product.price,
            rating=product.rating,
            review_count=product.review_count,
            is_published=product.is_published,
            created_at=product.created_at,
            category=shown[product.category_id],
            limits=catalog.limits_of(product),
            variants=tuple(
                _variant(member, left[member.variant_id]) for member in members[product.id]
            ),
            pictures=tuple(_picture(image) for image in pictures[product.id]),
        )
        for product in products
    )


def _category(category: "Category") -> ItemCategory:
    return ItemCategory(
        id=category.id,
        name=category.name,
        description=category.description,
        picture=picture_of_category(category),
    )


def _variant(member: "Member", stock: int) -> ItemVariant:
    return ItemVariant(
        id=member.variant_id,
        sku=member.sku,
        title=member.title,
        price=member.price,
        regular_price=member.regular_price,
        stock=stock,
        is_published=member.is_published,
        options=tuple(ItemOption(*choice) for choice in member.options),
    )


def _picture(image: "ProductImage") -> ItemPicture:
    return ItemPicture(
        id=image.id, variant=image.variant_id, position=image.position, picture=as_shown(image)
    )
