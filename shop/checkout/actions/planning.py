"""Reading what drafts depend on, and planning them on what was read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings

from shop.cart import queries as carts
from shop.cart.rules import CartContents
from shop.catalog import queries as catalog
from shop.catalog.rules import Offer
from shop.checkout import rules
from shop.checkout.errors import AlreadyOrdered
from shop.checkout.rules import Draft, Plan
from shop.orders import queries as orders
from shop.pricing.rules import Terms


@dataclass(frozen=True, slots=True)
class Readings:
    """What the database said: carts by id, offers by variant, orders by origin."""

    carts: dict[UUID, CartContents]
    offers: dict[int, Offer]
    ordered: dict[str, int]

    def plan(self, draft: Draft) -> Plan:
        """Plan one draft. Raises what `rules.plan_cart` and `rules.plan_agreed` raise."""
        terms = Terms(currency=settings.CURRENCY)
        if draft.cart_id is not None:
            return rules.plan_cart(draft, self.carts.get(draft.cart_id), terms=terms)
        if draft.origin in self.ordered:
            raise AlreadyOrdered(order_id=self.ordered[draft.origin])
        return rules.plan_agreed(draft, self.offers, terms=terms)


def read(drafts: Sequence[Draft]) -> Readings:
    """Read everything the drafts depend on: one query for carts, two for agreed lines."""
    agreed = [draft for draft in drafts if draft.cart_id is None]
    variant_ids = {line.variant_id for draft in agreed for line in draft.lines}
    return Readings(
        carts=_read_carts(drafts),
        offers=catalog.offers(variant_ids) if variant_ids else {},
        ordered=_read_ordered(drafts),
    )


def read_again(drafts: Sequence[Draft], before: Readings) -> Readings:
    """Read what may have changed while the drafts waited for their locks.

    That is carts with their prices, and whether somebody else was faster with agreed lines; what
    was agreed itself stays as it is.
    """
    return replace(before, carts=_read_carts(drafts), ordered=_read_ordered(drafts))


def cart_ids(drafts: Sequence[Draft]) -> list[UUID]:
    """Return the ids of the carts that are to be ordered."""
    return [draft.cart_id for draft in drafts if draft.cart_id is not None]


def _read_carts(drafts: Sequence[Draft]) -> dict[UUID, CartContents]:
    ids = cart_ids(drafts)
    return carts.contents(ids) if ids else {}


def _read_ordered(drafts: Sequence[Draft]) -> dict[str, int]:
    """Return which agreed lines are orders already; carts know it of themselves."""
    origins = [draft.origin for draft in drafts if draft.cart_id is None]
    return orders.ids_by_origin(origins) if origins else {}
