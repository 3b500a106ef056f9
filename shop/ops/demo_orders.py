"""The demo's first orders: a week of trade, so that there is something to do in the back office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from django.utils import timezone

from shop.accounts import queries as accounts
from shop.catalog import queries as catalog
from shop.catalog.rules import Offer
from shop.checkout import actions as checkout
from shop.checkout.rules import AgreedLine, Buyer, Draft, Placed
from shop.inventory import queries as inventory
from shop.orders import actions as orders
from shop.orders import queries as order_queries
from shop.orders.rules import PaymentMethod, PostalAddress

if TYPE_CHECKING:
    from shop.accounts.models import User

_ORDERS = 28
_HOURS_APART = 6
# Steps through the variants that never meet: none of them divides another.
_STEPS = (7, 11, 13)


class Fate(Enum):
    """How far an order has come."""

    WAITING = "waiting"
    PAID = "paid"
    SHIPPED = "shipped"
    DONE = "done"
    CANCELED = "canceled"


# The older an order is, the further it has come; these are its neighbours' fates, in turn.
_OLD = (Fate.DONE, Fate.DONE, Fate.DONE, Fate.CANCELED)
_RECENT = (Fate.SHIPPED, Fate.PAID, Fate.DONE, Fate.WAITING)
_NEW = (Fate.WAITING, Fate.WAITING, Fate.PAID)


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """The so-many-eth order, the newest first, and what became of it."""

    number: int
    draft: Draft
    fate: Fate


def trade(*, usernames: Sequence[str], skus: Sequence[str]) -> None:
    """Let these people order these things over the last week, those orders not there yet."""
    ids = accounts.ids_by_username(usernames)
    people = [accounts.find(ids[name]) for name in usernames if name in ids]
    offers = catalog.offers(catalog.variant_ids_by_sku(skus).values())
    available = inventory.available(offers)
    goods = [offer for offer in offers.values() if available[offer.variant_id] > _ORDERS]
    now = timezone.now()
    planned = [_planned(number, people, goods, now) for number in range(_ORDERS)]
    known = order_queries.ids_by_origin([order.draft.origin for order in planned])
    new = [order for order in planned if order.draft.origin not in known]
    outcomes = checkout.commit_orders(drafts=[order.draft for order in new])
    for order, outcome in zip(new, outcomes, strict=True):
        if isinstance(outcome, Placed):
            _meet(order.fate, outcome.order_id)


def _planned(
    number: int, people: "Sequence[User]", goods: Sequence[Offer], now: datetime
) -> DemoOrder:
    person = people[number % len(people)]
    lines = tuple(
        AgreedLine(
            variant_id=offer.variant_id, quantity=1 + (number + place) % 3, unit_price=offer.price
        )
        for place, offer in enumerate(_basket(number, goods))
    )
    by_transfer = number % 4 == 1
    draft = Draft(
        origin=f"demo:{number}",
        buyer=Buyer(user_id=person.id, email=person.email, address=_address_of(person)),
        payment_method=PaymentMethod.BANK_TRANSFER if by_transfer else PaymentMethod.ON_DELIVERY,
        lines=lines,
        placed_at=now - timedelta(hours=_HOURS_APART * number, minutes=7 * number),
    )
    return DemoOrder(number=number, draft=draft, fate=_fate(number))


def _basket(number: int, goods: Sequence[Offer]) -> list[Offer]:
    """Return one to three different things."""
    places = {(number * step + step) % len(goods) for step in _STEPS[: 1 + number % len(_STEPS)]}
    return [goods[place] for place in sorted(places)]


def _fate(number: int) -> Fate:
    fates = _NEW if number < 6 else _RECENT if number < 14 else _OLD
    return fates[number % len(fates)]


def _meet(fate: Fate, order_id: int) -> None:
    """Bring a placed order as far as it has come."""
    if fate is Fate.DONE:
        orders.settle(order_ids=[order_id], by=None)
    elif fate is Fate.CANCELED:
        orders.cancel(order_ids=[order_id], by=None)
    elif fate in {Fate.PAID, Fate.SHIPPED}:
        orders.mark_paid(order_ids=[order_id], by=None)
        if fate is Fate.SHIPPED:
            orders.ship(order_ids=[order_id], by=None)


def _address_of(person: "User") -> PostalAddress:
    return PostalAddress(
        name=person.get_full_name(),
        line1=person.address or "4 Station Road",
        city=person.city or "Leeds",
        postcode="LS1 4AP",
        country="GB",
    )
