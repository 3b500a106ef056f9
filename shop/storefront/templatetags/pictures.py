"""What a product without a picture looks like."""

from django import template

register = template.Library()

# Neighbours in a list get hues far from each other: 5 and 12 have no common divisor.
_HUES = 12
_STEP = 5


@register.inclusion_tag("storefront/placeholder.html")
def placeholder(product_id: int, name: str) -> dict[str, object]:
    """Draw the first letter of the name on a colour that belongs to the product."""
    letter = next(filter(str.isalpha, name), None) or next(filter(str.isalnum, name), "?")
    return {"letter": letter[0].upper()[0], "hue": product_id * _STEP % _HUES}
