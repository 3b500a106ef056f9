"""The links by which people open their orders from a mail: the number, under the shop's seal."""

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from shop.orders.errors import UnknownNumber
from shop.orders.models import Order

_SALT = "orders.links"


def seal_of(number: str) -> str:
    """Return what only the shop can add to an order's number. It is good as long as SECRET_KEY."""
    return Signer(salt=_SALT).signature(number)


def opened_by(*, number: str, seal: str) -> tuple[int, int | None]:
    """Return the id of the order that a link is to, and of the user who owns it (None: a guest's).

    Raises UnknownNumber, whether it is the seal that is wrong or there is no such order.
    """
    if constant_time_compare(seal, seal_of(number)):
        found = Order.objects.filter(number=number).values_list("id", "user_id").first()
        if found is not None:
            return found
    raise UnknownNumber(number=number)
