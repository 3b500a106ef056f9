"""What of limited products somebody claims, and what they have of it already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shop.checkout.errors import CartChanged, OverCustomerLimit
from shop.checkout.rules.buyers import Buyer, customers_of


@dataclass(frozen=True, slots=True)
class Claim:
    """So many units of a product of which a customer can have so many in all."""

    product_id: int
    name: str
    units: int
    limit: int


class Allowances:
    """What customers have taken of limited products, by product and customer.

    It is the working copy of a batch: what an earlier draft has taken counts for the next one.
    """

    def __init__(self, taken: Mapping[tuple[int, str], int]) -> None:
        self._taken = dict(taken)

    def check(self, buyer: Buyer, claims: Iterable[Claim]) -> None:
        """Raise OverCustomerLimit where a claim is too much for its buyer.

        Raises CartChanged for one that nobody had foreseen: the limit is that new.
        """
        for claim in claims:
            for customer in customers_of(buyer):
                if (claim.product_id, customer) not in self._taken:
                    raise CartChanged
                if self._taken[claim.product_id, customer] + claim.units > claim.limit:
                    raise OverCustomerLimit(name=claim.name, limit=claim.limit)

    def take(self, buyer: Buyer, claims: Iterable[Claim]) -> None:
        """Let claims that were checked count from now on."""
        for claim in claims:
            for customer in customers_of(buyer):
                self._taken[claim.product_id, customer] += claim.units
