"""What the shop writes to people about, and what it tells of that."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from shop.accounts.rules import email_key
from shop.events.rules import NUMBER, TEXT, Kind

NEWS = (
    Kind(
        "letter.written",
        "Somebody is to get a mail.",
        {"letter_id": NUMBER, "kind": TEXT},
    ),
)

# Staff are told of one subject once in so long; what happens meanwhile is in the next letter.
STAFF_PATIENCE = timedelta(hours=1)
# As many things are named in a letter; beyond that it is a number.
MOST_FACTS = 200


class LetterKind(StrEnum):
    """What a letter is about."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    BACK_IN_STOCK = "back_in_stock"
    LEFT_CART = "left_cart"
    LOW_STOCK = "low_stock"
    TROUBLE = "trouble"

    @property
    def label(self) -> str:
        """The words people read."""
        return self.value.replace("_", " ").capitalize()


ABOUT_ORDERS = (
    LetterKind.PLACED,
    LetterKind.PAID,
    LetterKind.SHIPPED,
    LetterKind.CANCELED,
    LetterKind.EXPIRED,
    LetterKind.REFUNDED,
)


def address_key(email: str) -> str:
    """Return the form in which two spellings of an e-mail address are equal: that of accounts."""
    return email_key(email) or ""


def is_bought_here(origin: str) -> bool:
    """Tell an order that somebody placed in this shop from one that an import brought.

    Whoever is in an import was told, and got an invoice, where it was bought.
    """
    return origin.startswith("cart:")


def gathered(known: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return what there is to tell, each thing once and in the order in which it came."""
    return list(dict.fromkeys([*known, *new]))[:MOST_FACTS]


def may_tell(told_at: datetime | None, *, now: datetime) -> bool:
    """Tell whether staff have been left in peace for long enough."""
    return told_at is None or told_at <= now - STAFF_PATIENCE
