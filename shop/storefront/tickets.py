"""What the checkout page shows is what gets ordered: its form carries a signed ticket of it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from django.core import signing

from shop.lib.refusals import Refusal

_SALT = "storefront.tickets"
_VALID_FOR = timedelta(hours=2)


@dataclass(eq=False)
class TicketExpired(Refusal):
    """The checkout page was open for too long."""

    code: ClassVar[str] = "ticket_expired"


@dataclass(eq=False)
class TicketInvalid(Refusal):
    """The ticket was not written by us, or not for a checkout."""

    code: ClassVar[str] = "ticket_invalid"


@dataclass(eq=False)
class TicketOfSomebodyElse(Refusal):
    """Somebody else is signed in than when the page was shown."""

    code: ClassVar[str] = "ticket_of_somebody_else"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose checkout it is, of which cart, for how much, and the key that makes it one order.

    The version tells a cart that was changed since from the one that was shown.
    """

    user_id: int | None
    cart_id: UUID
    cart_version: int
    total: Decimal
    key: str

    @property
    def scope(self) -> str:
        """Whose the key is."""
        return f"cart:{self.cart_id}" if self.user_id is None else f"user:{self.user_id}"


def write(*, user_id: int | None, cart_id: UUID, cart_version: int, total: Decimal) -> str:
    """Return a new ticket, with a key of its own, as text for a hidden field."""
    facts = [user_id, str(cart_id), cart_version, str(total), str(uuid.uuid4())]
    return signing.dumps(facts, salt=_SALT)


def read(text: str, *, user_id: int | None) -> Ticket:
    """Return what a ticket says, to the person it was written for.

    Raises TicketExpired, TicketInvalid or TicketOfSomebodyElse.
    """
    try:
        whose, cart_id, cart_version, total, key = signing.loads(
            text, salt=_SALT, max_age=_VALID_FOR
        )
    except signing.SignatureExpired as error:
        raise TicketExpired from error
    except (signing.BadSignature, ValueError) as error:
        raise TicketInvalid from error
    if whose != user_id:
        raise TicketOfSomebodyElse
    return Ticket(
        user_id=whose,
        cart_id=UUID(cart_id),
        cart_version=cart_version,
        total=Decimal(total),
        key=key,
    )
