"""What a visitor sees of the shop's products, and how lists of them are narrowed and sorted."""

from shop.showcase.rules.filters import (
    LIST_PARAMETERS,
    Filters,
    Pairs,
    Parameters,
    Sorting,
    is_price,
    last,
    price_text,
    search_words,
)
from shop.showcase.rules.items import Item, ItemCategory, ItemOption, ItemPicture, ItemVariant
from shop.showcase.rules.lists import (
    NO_CARDS,
    PAGE_SIZE,
    Card,
    CategoryPage,
    Home,
    Link,
    Listing,
    ListPage,
    OptionFacet,
    Shelf,
    in_order,
)
from shop.showcase.rules.pictures import Picture, Source, picture_of
from shop.showcase.rules.products import Choice, Opinion, ProductPage, gallery_of

__all__ = [
    "LIST_PARAMETERS",
    "NO_CARDS",
    "PAGE_SIZE",
    "Card",
    "CategoryPage",
    "Choice",
    "Filters",
    "Home",
    "Item",
    "ItemCategory",
    "ItemOption",
    "ItemPicture",
    "ItemVariant",
    "Link",
    "ListPage",
    "Listing",
    "Opinion",
    "OptionFacet",
    "Pairs",
    "Parameters",
    "Picture",
    "ProductPage",
    "Shelf",
    "Sorting",
    "Source",
    "gallery_of",
    "in_order",
    "is_price",
    "last",
    "picture_of",
    "price_text",
    "search_words",
]
