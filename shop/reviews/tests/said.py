"""What was said of products, and what products remember of it."""

from typing import Any

from shop.accounts.models import User
from shop.catalog.models import Product, Variant
from shop.reviews import actions
from shop.reviews.models import Review
from tests.builders import put_on_sale

# Rating, the rating lists are sorted by, and how many there are.
Stars = tuple[str | None, str, int]


def everything() -> list[tuple[Any, ...]]:
    """Return every review and every product."""
    return [
        row for model in (Review, Product) for row in model.objects.order_by("pk").values_list()
    ]


def a_product(sku: str = "mug", **facts: Any) -> int:
    """Put a product on sale; return the product's id."""
    return Variant.objects.get(id=put_on_sale(sku, **facts)).product_id


def reader(number: int) -> User:
    """Return one of many readers."""
    return User.objects.create(username=f"reader{number}", first_name="Rea", last_name=f"{number}")


def say(user: User, product_id: int, rating: int = 5, text: str = "Fine.") -> int:
    """Write a review."""
    return actions.write(user_id=user.id, product_id=product_id, rating=rating, text=text)


def stars(product_id: int) -> Stars:
    """Return what a product remembers of its reviews."""
    product = Product.objects.get(id=product_id)
    rating = None if product.rating is None else str(product.rating)
    return rating, str(product.rating_rank), product.review_count
