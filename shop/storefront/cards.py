"""Cards of products in lists: kept as they are drawn, by templates that get no request."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from shop.catalog.rules import PRODUCT
from shop.lib.public.parts import Kind
from shop.showcase import queries as showcase
from shop.showcase.rules import Card

_FIELDS = [field.name for field in fields(Card)]
# What a card's facts take besides its markup, most of it the addresses of its picture.
_BYTES_OF_FACTS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCard(Card):
    """A card and its markup."""

    markup: SafeString

    @classmethod
    def of(cls, card: Card) -> "DrawnCard":
        markup = render_to_string("storefront/parts/card.html", {"card": card})
        return cls(**{name: getattr(card, name) for name in _FIELDS}, markup=markup)


# In Python's memory a letter takes four bytes where a single one of them needs as many.
CARDS: Kind[int, DrawnCard] = Kind(
    "card",
    lambda product_id: [PRODUCT.format(product_id=product_id)],
    lambda card: 4 * len(card.markup) + _BYTES_OF_FACTS,
)


def drawn(product_ids: Sequence[int]) -> dict[int, DrawnCard]:
    """Return the cards of products on show, by id; two queries for all that are not kept."""
    return CARDS.of(product_ids, _draw, besides=get_language())


def _draw(product_ids: Sequence[int]) -> dict[int, DrawnCard]:
    cards = showcase.cards_of(product_ids)
    return {product_id: DrawnCard.of(card) for product_id, card in cards.items()}
