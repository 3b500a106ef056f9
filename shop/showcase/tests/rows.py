"""What products remember, as if somebody had done something about it."""

from decimal import Decimal

from shop.catalog.models import Product


def rate(sku: str, rating: str | None, *, count: int = 1) -> None:
    """Let a product say that so many have rated it so on average; None: nobody has."""
    average = None if rating is None else Decimal(rating)
    Product.objects.filter(variants__sku=sku).update(
        rating=average, rating_rank=average or 0, review_count=count if rating else 0
    )
