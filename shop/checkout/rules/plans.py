"""Whether a draft can become an order, and what it comes to: decided on what was loaded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from shop.cart.errors import CartIsOrdered, NotForSale, UnknownCart
from shop.cart.rules import CartContents, over_limit
from shop.catalog.rules import Offer, full_name
from shop.checkout.errors import (
    CartChanged,
    CartIsEmpty,
    InvalidLine,
    OrderTooLarge,
    QuotedLine,
    QuotedPurchase,
    StockChanged,
    TotalChanged,
)
from shop.checkout.rules.allowances import Claim
from shop.checkout.rules.drafts import AgreedLine, Draft
from shop.inventory.errors import NotEnoughStock
from shop.inventory.rules import Want
from shop.lib.texts import check_lines
from shop.orders.rules import PostalAddress
from shop.pricing.rules import LARGEST_AMOUNT, Item, Quote, Terms, quote, round_money

# What the database holds in a line's quantity.
LARGEST_AGREED_QUANTITY = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of the order to come."""

    variant_id: int
    sku: str
    name: str
    title: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """What a draft comes to: its lines, what they cost, and what they claim of limited products."""

    lines: tuple[PlannedLine, ...]
    quote: Quote
    claims: tuple[Claim, ...] = ()

    @property
    def wants(self) -> list[Want]:
        """The stock it needs, line by line."""
        return [
            Want(line.variant_id, line.sku, line.quantity, full_name(line.name, line.title))
            for line in self.lines
        ]


def plan_cart(draft: Draft, cart: CartContents | None, *, terms: Terms) -> Plan:
    """Plan the order of a cart at the prices it was read with.

    Raises UnprintableText, UnknownCart (also for somebody else's), CartIsOrdered, CartIsEmpty,
    NotForSale, OverOrderLimit, TotalChanged, OrderTooLarge or (at the same price) CartChanged.
    """
    check_lines(email=draft.buyer.email or "", **asdict(draft.buyer.address or PostalAddress()))
    if cart is None or (cart.user_id is not None and cart.user_id != draft.buyer.user_id):
        raise UnknownCart
    if cart.is_ordered:
        raise CartIsOrdered
    if not cart.items:
        raise CartIsEmpty
    for item in cart.items:
        if not item.is_sold:
            raise NotForSale(name=item.name)
    for refusal in over_limit(cart.items).values():
        raise refusal
    lines = tuple(
        PlannedLine(
            variant_id=item.variant_id,
            sku=item.sku,
            name=item.name,
            title=item.title,
            quantity=item.quantity,
            unit_price=item.price,
        )
        for item in cart.items
    )
    plan = _plan(lines, draft, terms)
    if draft.cart_version not in {None, cart.version}:
        raise CartChanged(quote=quoted(plan))
    return replace(plan, claims=_claims(cart))


def plan_agreed(draft: Draft, offers: Mapping[int, Offer], *, terms: Terms) -> Plan:
    """Plan the order of lines agreed elsewhere, called as the catalogue calls them now.

    No limit counts for them: whoever agreed on them has decided. Raises InvalidLine, CartIsEmpty,
    TotalChanged or OrderTooLarge.
    """
    if not draft.lines:
        raise CartIsEmpty
    lines = []
    for position, line in enumerate(draft.lines, start=1):
        offer = offers.get(line.variant_id)
        if offer is None or not _is_possible(line):
            raise InvalidLine(position=position)
        lines.append(
            PlannedLine(
                variant_id=line.variant_id,
                sku=offer.sku,
                name=offer.name,
                title=offer.title,
                quantity=line.quantity,
                unit_price=line.unit_price,
            )
        )
    return _plan(tuple(lines), draft, terms)


def with_quote(refusal: NotEnoughStock, plan: Plan) -> StockChanged:
    """Return a refusal that also says what the purchase would have come to."""
    return StockChanged(**refusal.data, quote=quoted(plan))


def quoted(plan: Plan) -> QuotedPurchase:
    """Return what a plan comes to, in the form in which a refusal shows it."""
    return QuotedPurchase(
        lines=tuple(
            QuotedLine(
                variant_id=line.variant_id,
                sku=line.sku,
                name=full_name(line.name, line.title),
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount=amount,
            )
            for line, amount in zip(plan.lines, plan.quote.amounts, strict=True)
        ),
        total=plan.quote.total,
        currency=plan.quote.currency,
    )


def _claims(cart: CartContents) -> tuple[Claim, ...]:
    units: Counter[int] = Counter()
    for item in cart.items:
        units[item.product_id] += item.quantity
    limited = {
        item.product_id: (item.name, item.limits.per_customer)
        for item in cart.items
        if item.limits.per_customer is not None
    }
    return tuple(
        Claim(product_id=product_id, name=name, units=units[product_id], limit=limit)
        for product_id, (name, limit) in sorted(limited.items())
    )


def _is_possible(line: AgreedLine) -> bool:
    return (
        1 <= line.quantity <= LARGEST_AGREED_QUANTITY
        and line.unit_price.is_finite()
        and 0 <= line.unit_price <= LARGEST_AMOUNT
        and line.unit_price == round_money(line.unit_price)
    )


def _plan(lines: Sequence[PlannedLine], draft: Draft, terms: Terms) -> Plan:
    items = [Item(quantity=line.quantity, unit_price=line.unit_price) for line in lines]
    result = quote(items, terms=terms)
    if result.total > LARGEST_AMOUNT:
        raise OrderTooLarge(total=result.total)
    plan = Plan(lines=tuple(lines), quote=result)
    if draft.expected_total is not None and draft.expected_total != result.total:
        raise TotalChanged(expected=draft.expected_total, total=result.total, quote=quoted(plan))
    return plan
