"""What reviewers give, as stars."""

from decimal import Decimal

from django import template

from shop.reviews.rules import BEST_RATING

register = template.Library()

# How wide five stars are in `stars.svg`.
_WIDTH = 120


@register.inclusion_tag("storefront/parts/stars.html")
def stars(rating: Decimal | int, count: int | None = None) -> dict[str, object]:
    """Draw a rating as stars, with a text for those who do not see them, and with its count."""
    return {
        "rating": rating,
        "best": BEST_RATING,
        "width": int(rating * _WIDTH / BEST_RATING),
        "count": count,
    }
