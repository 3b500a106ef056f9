"""What is wrong with a line of a catalogue, in words for the merchant who made it."""

from shop.catalog.errors import (
    InvalidProduct,
    Problem,
    RegularPriceBelowPrice,
    VariantOfOtherProduct,
)
from shop.catalog.rules import (
    DEEPEST_CATEGORY,
    LARGEST_PRICE,
    LONGEST_CATEGORY_NAME,
    LONGEST_NAME,
    LONGEST_OPTION_NAME,
    LONGEST_SKU,
)
from shop.inventory.errors import StockIsPromised
from shop.lib.refusals import Refusal

_FIELDS = {
    "sku": "the sku",
    "product": "the product",
    "name": "the name",
    "price": "the price",
    "regular_price": "the regular price",
    "description": "the description",
    "category": "the category",
    "options": "the options",
}
_PLURAL = {"options"}
_LIMITS = {
    "sku": f"{LONGEST_SKU} letters",
    "product": f"{LONGEST_SKU} letters",
    "name": f"{LONGEST_NAME} letters",
    "category": f"{LONGEST_CATEGORY_NAME} letters a level",
    "options": f"{LONGEST_OPTION_NAME} letters a name, or 200 together",
}
_PROBLEMS = {
    Problem.EMPTY: "{is_} empty",
    Problem.TOO_LONG: "{is_} longer than {limit}",
    Problem.UNPRINTABLE: "{has} a character that cannot be seen",
    Problem.NOT_AN_AMOUNT: "{is_} no amount",
    Problem.NEGATIVE: "{is_} negative",
    Problem.TOO_LARGE: f"{{is_}} above {LARGEST_PRICE:,}",
    Problem.TOO_PRECISE: "{has} more than two decimal places",
    Problem.TOO_DEEP: f"{{is_}} more than {DEEPEST_CATEGORY} levels deep",
    Problem.TWICE: "{has} one option twice",
}


def reason_of(refusal: Refusal) -> str:
    """Return the sentence for a refusal, without its full stop."""
    match refusal:
        case InvalidProduct(field=field, problem=problem):
            is_, has = ("are", "have") if field in _PLURAL else ("is", "has")
            said = _PROBLEMS[problem].format(is_=is_, has=has, limit=_LIMITS.get(field, ""))
            return f"{_FIELDS[field]} {said}"
        case RegularPriceBelowPrice(price=price, regular_price=regular_price):
            return f"the regular price {regular_price} is below the price {price}"
        case VariantOfOtherProduct(sku=sku, product=product):
            return f"the sku {sku!r} belongs to the product {product!r} already and cannot move"
        case StockIsPromised(on_hand=on_hand, promised=promised):
            return (
                f"the stock {on_hand} is less than the {promised} promised to buyers; "
                "it stays as it was, the rest of the line is imported"
            )
    return str(refusal)
