"""Taking another shop's sales over: catalogue, stock and orders, each exactly once."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import ParamSpec, TypeVar

from django.utils import timezone

from shop.catalog import actions as catalog_actions
from shop.catalog import queries as catalog
from shop.catalog.rules import ProductRow
from shop.checkout import actions as checkout
from shop.checkout.errors import AlreadyOrdered
from shop.checkout.rules import (
    LARGEST_AGREED_QUANTITY,
    AgreedLine,
    Buyer,
    Draft,
    Outcome,
    Placed,
    Refused,
)
from shop.inventory import actions as inventory_actions
from shop.inventory.errors import NotEnoughStock
from shop.lib.batches import in_chunks
from shop.lib.countries import country_code
from shop.lib.refusals import Busy, Refusal
from shop.ops.online_retail import Invoice
from shop.orders import actions as order_actions
from shop.orders import queries as orders
from shop.orders.rules import PaymentMethod, PostalAddress
from shop.pricing.rules import LARGEST_AMOUNT

CATEGORY = ("Online Retail",)
LOCATION_CODE = "main"
REFERENCE = "online-retail"
_PRODUCTS_AT_ONCE = 500
_ORIGINS_AT_ONCE = 500
_ORDERS_AT_ONCE = 64
# Unlike a buyer, who is told to come back, a replay waits for others: so often, and each time for
# as long as the database waits for a lock.
_TRIES = 5

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(slots=True)
class Tally:
    """What came of the invoices."""

    placed: int = 0
    placed_before: int = 0
    lines: int = 0
    units: int = 0
    value: Decimal = Decimal("0.00")
    refused: list[tuple[Invoice, Refusal]] = field(default_factory=list)

    @property
    def orders(self) -> int:
        """Invoices that are orders of the shop now, whenever they were placed."""
        return self.placed + self.placed_before


def origin_of(invoice: Invoice) -> str:
    """Return the origin under which the invoice is an order for ever."""
    return f"online-retail:{invoice.number}"


def make_catalogue(invoices: Iterable[Invoice]) -> list[tuple[str, Refusal]]:
    """Add the products that are not there yet; return the SKUs that cannot be products, and why.

    A product is called what its first sale calls it and costs what its last one cost. What the
    merchant has changed since is left as it is.
    """
    rows: dict[str, ProductRow] = {}
    for invoice in invoices:
        for sale in invoice.sales:
            first = rows.get(sale.sku)
            rows[sale.sku] = ProductRow(
                sku=sale.sku,
                name=first.name if first else sale.name,
                price=sale.price,
                category=CATEGORY,
            )
    refused: list[tuple[str, Refusal]] = []
    for chunk in in_chunks(rows.values(), _PRODUCTS_AT_ONCE):
        report = _patiently(catalog_actions.put_products, rows=chunk, update=False)
        refused += [(chunk[index].sku, refusal) for index, refusal in report.refused.items()]
    return refused


def receive_missing_stock(invoices: Iterable[Invoice], variant_ids: dict[str, int]) -> int:
    """Receive what the invoices that are no orders yet need and the shop does not have.

    Nothing is received for an invoice that cannot be an order. Returns the units received: none
    when everything has been placed.
    """
    inventory_actions.add_location(code=LOCATION_CODE, name="Main warehouse")
    received = 0
    for chunk in in_chunks(sorted(_needed(invoices, variant_ids)), _PRODUCTS_AT_ONCE):
        received += _patiently(
            inventory_actions.receive_missing,
            variant_ids=chunk,
            needed=partial(_needed, invoices, variant_ids, only=chunk),
            location_code=LOCATION_CODE,
            reference=REFERENCE,
        )
    return received


def _needed(
    invoices: Iterable[Invoice],
    variant_ids: dict[str, int],
    *,
    only: Collection[int] | None = None,
) -> Counter[int]:
    """Count the units that the invoices which are no orders yet, but can be, still need."""
    needed: Counter[int] = Counter()
    for invoice in _not_placed(invoices):
        if _can_be_placed(invoice, variant_ids):
            for sale in invoice.sales:
                needed[variant_ids[sale.sku]] += sale.quantity
    return needed if only is None else Counter({id_: needed[id_] for id_ in only})


def place_invoices(
    invoices: Sequence[Invoice], variant_ids: dict[str, int], tally: Tally
) -> Iterator[int]:
    """Place the invoices as orders, in their order, and settle them; yield how many were done.

    Can be stopped at any moment and begun again: an invoice is one order, and one that was placed
    but not settled is settled the next time.
    """
    for batch in in_chunks(invoices, _ORDERS_AT_ONCE):
        outcomes = _place(batch, variant_ids)
        _patiently(order_actions.settle, order_ids=_order_ids(outcomes), by=None)
        for invoice, outcome in zip(batch, outcomes, strict=True):
            _count(invoice, outcome, tally)
        yield len(batch)


def _place(batch: Sequence[Invoice], variant_ids: dict[str, int]) -> list[Outcome]:
    """Place a batch; again where others kept it waiting, or took its stock or its very place.

    Two replays of one file get in each other's way like this: who comes second finds the stock
    gone, and only at another look that the invoice is an order now.
    """
    outcomes: dict[str, Outcome] = {}
    left = batch
    for attempt in range(_TRIES):
        if attempt:
            receive_missing_stock(left, variant_ids)
        answers = checkout.commit_orders(drafts=[_draft(invoice, variant_ids) for invoice in left])
        outcomes.update(zip((invoice.number for invoice in left), answers, strict=True))
        # Stock that has been received again and still is not there will not come by trying.
        passing = (Busy,) if attempt else (Busy, NotEnoughStock)
        left = [invoice for invoice in left if _is_refused_for(passing, outcomes[invoice.number])]
        if not left:
            break
    return [outcomes[invoice.number] for invoice in batch]


def _is_refused_for(reasons: tuple[type[Refusal], ...], outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and isinstance(outcome.refusal, reasons)


def _can_be_placed(invoice: Invoice, variant_ids: dict[str, int]) -> bool:
    """Tell whether checkout will take the invoice, given the stock."""
    return invoice.value <= LARGEST_AMOUNT and all(
        sale.sku in variant_ids and sale.quantity <= LARGEST_AGREED_QUANTITY
        for sale in invoice.sales
    )


def _patiently(
    verb: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Do it, again if others keep the database busy. Raises Busy in the end."""
    for _ in range(_TRIES - 1):
        with suppress(Busy):
            return verb(*args, **kwargs)
    return verb(*args, **kwargs)


def variant_ids_of(invoices: Iterable[Invoice]) -> dict[str, int]:
    """Return the ids of everything the invoices sell, by SKU."""
    return catalog.variant_ids_by_sku({sale.sku for invoice in invoices for sale in invoice.sales})


def _not_placed(invoices: Iterable[Invoice]) -> Iterator[Invoice]:
    for batch in in_chunks(invoices, _ORIGINS_AT_ONCE):
        placed = orders.ids_by_origin([origin_of(invoice) for invoice in batch])
        yield from (invoice for invoice in batch if origin_of(invoice) not in placed)


def _draft(invoice: Invoice, variant_ids: dict[str, int]) -> Draft:
    code = country_code(invoice.country)
    return Draft(
        buyer=Buyer(
            email="",
            address=PostalAddress(
                name=f"Customer {invoice.customer.removesuffix('.0')}" if invoice.customer else "",
                # "Channel Islands" is a place but no country.
                city="" if code else invoice.country,
                country=code,
            ),
        ),
        payment_method=PaymentMethod.ELSEWHERE,
        origin=origin_of(invoice),
        placed_at=timezone.make_aware(invoice.sold_at),
        lines=tuple(
            AgreedLine(
                variant_id=variant_ids.get(sale.sku, 0),
                quantity=sale.quantity,
                unit_price=sale.price,
            )
            for sale in invoice.sales
        ),
    )


def _order_ids(outcomes: Iterable[Outcome]) -> list[int]:
    return [id_ for outcome in outcomes if (id_ := _order_id(outcome)) is not None]


def _order_id(outcome: Outcome) -> int | None:
    if not isinstance(outcome, Refused):
        return outcome.order_id
    if isinstance(outcome.refusal, AlreadyOrdered):
        return outcome.refusal.order_id
    return None


def _count(invoice: Invoice, outcome: Outcome, tally: Tally) -> None:
    if isinstance(outcome, Placed):
        tally.placed += 1
    elif _order_id(outcome) is not None:
        tally.placed_before += 1
    elif isinstance(outcome, Refused):
        tally.refused.append((invoice, outcome.refusal))
        return
    tally.lines += len(invoice.sales)
    tally.units += invoice.units
    tally.value += invoice.value
