"""What products remember, as if somebody had done something about it; and how they are listed."""

from decimal import Decimal

from shop.catalog.models import Product
from shop.showcase import queries
from shop.showcase.rules import Card, Filters, Listing, Sorting


def products(
    *, filters: Filters | None = None, sorting: Sorting = Sorting.NAME, cursor: str | None = None
) -> Listing[Card]:
    """Return what stands on a page of the list of all products."""
    page = queries.product_list(filters=filters or Filters(), sorting=sorting, cursor=cursor)
    return page.products


def rate(sku: str, rating: str | None, *, count: int = 1) -> None:
    """Let a product say that so many have rated it so on average; None: nobody has."""
    average = None if rating is None else Decimal(rating)
    Product.objects.filter(variants__sku=sku).update(
        rating=average, rating_rank=average or 0, review_count=count if rating else 0
    )
