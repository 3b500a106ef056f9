"""What the checkout page shows is what gets ordered: its form carries a signed ticket of it."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.crypto import constant_time_compare, salted_hmac

from shop.lib.refusals import Refusal

_SALT = "storefront.tickets"
_VALID_FOR = timedelta(hours=2)
_MARK = 20


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Whose checkout it is, of which cart, for how much, and the key that makes it one order.

    The version of the cart tells one that was changed since from the one that was shown; the
    version of the account's tokens, a password that was changed since.
    """

    user_id: int | None
    token_version: int | None
    cart_id: UUID
    cart_version: int
    total: Decimal
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def scope(self) -> str:
        """Whose the key is."""
        return f"cart:{self.cart_id}" if self.user_id is None else f"user:{self.user_id}"


def write(ticket: Ticket, *, browser: str) -> str:
    """Return a ticket as text for a hidden field, which only this browser can send."""
    facts = [
        browser,
        ticket.user_id,
        ticket.token_version,
        str(ticket.cart_id),
        ticket.cart_version,
        str(ticket.total),
        ticket.key,
    ]
    return signing.dumps(facts, salt=_SALT)


def read(text: str, *, browser: str) -> Ticket:
    """Return what a ticket says, to the browser it was written for. It asks no database.

    Raises TicketExpired, TicketInvalid or TicketOfSomebodyElse.
    """
    try:
        whose, user_id, token_version, cart_id, cart_version, total, key = signing.loads(
            text, salt=_SALT, max_age=_VALID_FOR
        )
    except signing.SignatureExpired as error:
        raise TicketExpired from error
    except (signing.BadSignature, ValueError) as error:
        raise TicketInvalid from error
    if not constant_time_compare(whose, browser):
        raise TicketOfSomebodyElse
    return Ticket(
        user_id=user_id,
        token_version=token_version,
        cart_id=UUID(cart_id),
        cart_version=cart_version,
        total=Decimal(total),
        key=key,
    )


def browser_of(request: HttpRequest) -> str:
    """Return a mark of the browser that asks, by cookies that no other site can send or read.

    It changes when somebody signs in or out. So a form that carries a ticket cannot be sent from
    elsewhere, and needs neither a session nor Django's own token.
    """
    # Sees to it that the browser has the cookie from now on.
    get_token(request)
    secret = request.META["CSRF_COOKIE"]
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return salted_hmac(_SALT, f"{secret} {session}").hexdigest()[:_MARK]
