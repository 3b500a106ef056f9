"""What customers have of limited products: claimed and locked before it is decided, then used."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, Sum

from shop.checkout.models import Allowance, AllowanceUse
from shop.checkout.rules import Allowances, Buyer, Claim, customers_of
from shop.orders.rules import OrderStatus

_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class LockedAllowances:
    """What was taken so far, and the locked rows by product and customer."""

    taken: Allowances
    ids: Mapping[_Key, int]


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that was placed, and what it has of limited products."""

    order_id: int
    buyer: Buyer
    claims: tuple[Claim, ...]


def lock(wanted: Iterable[tuple[Buyer, Collection[Claim]]]) -> LockedAllowances:
    """Lock what these buyers claim, in key order, and read what they have of it already.

    Two queries; none where nothing is limited.
    """
    keys = {
        (claim.product_id, customer)
        for buyer, claims in wanted
        for claim in claims
        for customer in customers_of(buyer)
    }
    if not keys:
        return LockedAllowances(Allowances({}), {})
    _claim(sorted(keys))
    ids, taken = _read(keys)
    return LockedAllowances(Allowances(taken), ids)


def use(purchases: Collection[Purchase], locked: LockedAllowances) -> None:
    """Write down what placed orders have taken."""
    uses = [
        AllowanceUse(
            allowance_id=locked.ids[claim.product_id, customer],
            order_id=purchase.order_id,
            units=claim.units,
        )
        for purchase in purchases
        for claim in purchase.claims
        for customer in customers_of(purchase.buyer)
    ]
    if uses:
        AllowanceUse.objects.bulk_create(uses)


def _claim(keys: Collection[_Key]) -> None:
    """Make the rows that are missing and lock the others, all in one order and one statement.

    An insert that ignores the others would do on MariaDB what it does to read them: share them
    with everybody, so that all who then want to lock them wait for each other.
    """
    has_target = connection.features.supports_update_conflicts_with_target
    Allowance.objects.bulk_create(
        [Allowance(product_id=product_id, customer=customer) for product_id, customer in keys],
        update_conflicts=True,
        update_fields=["customer"],
        unique_fields=["product", "customer"] if has_target else None,
    )


def _read(keys: Collection[_Key]) -> tuple[dict[_Key, int], dict[_Key, int]]:
    """Return the ids of locked rows, and how much orders that stand have of them."""
    stands = ~Q(uses__order__status=OrderStatus.CANCELED.value)
    found = Allowance.objects.filter(
        product_id__in={product_id for product_id, _ in keys},
        customer__in={customer for _, customer in keys},
    ).annotate(taken=Sum("uses__units", filter=stands))
    ids: dict[_Key, int] = {}
    taken: dict[_Key, int] = {}
    for id_, product_id, customer, units in found.values_list(
        "id", "product_id", "customer", "taken"
    ):
        if (product_id, customer) in keys:
            ids[product_id, customer] = id_
            taken[product_id, customer] = units or 0
    return ids, taken
