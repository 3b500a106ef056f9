"""Products for programs: whole, in lists as well, each list in a constant number of queries."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shop.catalog import queries as catalog
from shop.inventory import queries as inventory
from shop.lib.keyset import page
from shop.showcase.queries.lists import on_show
from shop.showcase.queries.pictures import as_shown, picture_of_category
from shop.showcase.rules import (
    PAGE_SIZE,
    Filters,
    Item,
    ItemCategory,
    ItemOption,
    ItemPicture,
    ItemVariant,
    Listing,
    Sorting,
)

if TYPE_CHECKING:
    from shop.catalog.models import Category, Product, ProductImage
    from shop.catalog.queries import Member


def items(
    *,
    filters: Filters,
    sorting: Sorting = Sorting.NAME,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Listing[Item]:
    """Return a page of products on show, in four queries, five where a category is chosen.

    Raises UnknownCategory or InvalidCursor.
    """
    chosen = None if filters.category is None else catalog.category(filters.category)
    found = page(
        on_show(chosen, filters).select_related("category"),
        ordering=sorting.columns,
        size=size,
        cursor=cursor,
    )
    return Listing(
        entries=_items(found.items, even_hidden=False), next=found.next, previous=found.previous
    )


def item(product_id: int, *, even_hidden: bool = False) -> Item:
    """Return a product in four queries; hidden ones, with hidden variants, for staff only.

    Raises UnknownProduct.
    """
    read = catalog.any_product if even_hidden else catalog.published_product
    (found,) = _items([read(product_id)], even_hidden=even_hidden)
    return found


def _items(products: "Sequence[Product]", *, even_hidden: bool) -> tuple[Item, ...]:
    ids = [product.id for product in products]
    if not ids:
        return ()
    members = catalog.members(ids, even_hidden=even_hidden)
    pictures = catalog.pictures_of_products(ids)
    stock = inventory.available(
        [member.variant_id for family in members.values() for member in family]
    )
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
                _variant(member, stock[member.variant_id]) for member in members[product.id]
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
