"""What a draft is, and whether it can become an order: decided on what the caller has loaded."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shop.accounts.errors import UnknownAddress
from shop.accounts.rules import Account
from shop.cart.errors import CartIsOrdered, NotForSale, UnknownCart
from shop.cart.rules import CartContents, over_limit
from shop.catalog.rules import Offer, full_name
from shop.checkout.errors import (
    AccountCannotOrder,
    CartChanged,
    CartIsEmpty,
    ContactIncomplete,
    InvalidLine,
    OrderTooLarge,
    OverCustomerLimit,
    QuotedLine,
    QuotedPurchase,
    StockChanged,
    TotalChanged,
)
from shop.inventory.errors import NotEnoughStock
from shop.inventory.rules import Want
from shop.lib.refusals import Refusal
from shop.lib.texts import check_lines
from shop.orders.rules import PaymentMethod, PlacedOrder, PostalAddress
from shop.pricing.rules import LARGEST_AMOUNT, Item, Quote, Terms, quote, round_money

# As much as fits in a line of an address.
LONGEST_LINE = 200
# What the database holds in a line's quantity.
LARGEST_AGREED_QUANTITY = 2**31 - 1
LONGEST_CUSTOMER = 80


@dataclass(frozen=True, slots=True)
class Key:
    """A buyer's own name for one purchase: the same key, the same order.

    `scope` says whose key it is; `body_hash` stands for everything else that was asked for.
    """

    scope: str
    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who orders, and where it goes.

    What is None is taken from the account when the order is placed, and so is the address that
    `address_id` names in its book. `token_version` is that of the sign-in somebody orders with;
    None where no sign-in is at stake.
    """

    email: str | None = None
    address: PostalAddress | None = None
    user_id: int | None = None
    token_version: int | None = None
    address_id: int | None = None
    keeps_address: bool = False

    @property
    def needs_book(self) -> bool:
        """Tell whether the address is in the account's book."""
        return self.user_id is not None and self.address is None


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """A line whose price was agreed elsewhere."""

    variant_id: int
    quantity: int
    unit_price: Decimal


def _number_of(order: PlacedOrder) -> str:
    return order.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An order somebody wants to place: of a cart, or (imports and staff) of agreed lines.

    `cart_version` is that of the cart the buyer was shown, where somebody was shown one. `answer`
    turns the placed order into the answer that is stored under the key; it runs
    while the transaction is open and so must not do any I/O. `request_id` is the request that the
    order's news will name.
    """

    buyer: Buyer
    payment_method: PaymentMethod
    cart_id: UUID | None = None
    cart_version: int | None = None
    lines: tuple[AgreedLine, ...] = ()
    origin: str = ""
    placed_at: datetime | None = None
    expected_total: Decimal | None = None
    key: Key | None = None
    answer: Callable[[PlacedOrder], str] = field(default=_number_of)
    request_id: str = ""

    def __post_init__(self) -> None:
        of_cart = "" if self.cart_id is None else f"cart:{self.cart_id}"
        # A copy of a draft has its origin already.
        if (self.origin or of_cart) == "" or (of_cart and self.origin not in {"", of_cart}):
            raise ValueError("a draft has a cart, or agreed lines with their origin")
        object.__setattr__(self, "origin", of_cart or self.origin)


@dataclass(frozen=True, slots=True)
class Claim:
    """So many units of a product of which a customer can have so many in all."""

    product_id: int
    name: str
    units: int
    limit: int


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


@dataclass(frozen=True, slots=True)
class Placed:
    """The draft has become this order."""

    order: PlacedOrder
    answer: str

    @property
    def order_id(self) -> int:
        """The id of the order."""
        return self.order.id


@dataclass(frozen=True, slots=True)
class Replayed:
    """The same draft became an order before: that order's answer again, byte for byte."""

    order_id: int
    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The draft has not become an order, and nothing was changed."""

    refusal: Refusal


Outcome = Placed | Replayed | Refused


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


def customers_of(buyer: Buyer) -> tuple[str, ...]:
    """Return as whom a limit counts this whole buyer: by account, by e-mail and by postal address.

    Case, white space and punctuation make nobody another customer, and neither does the name: who
    lives at one address shares what one can have. Addresses are digests: nobody has to read them.
    """
    found = [] if buyer.user_id is None else [f"user:{buyer.user_id}"]
    address = buyer.address or PostalAddress()
    place = (address.line1 + address.line2, address.city, address.postcode, address.country)
    for kind, parts in (("email", (buyer.email or "",)), ("address", tuple(map(_bare, place)))):
        text = "\n".join("".join(part.split()).casefold() for part in parts)
        if text.strip():
            found.append(f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}")
    return tuple(found)


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


def with_account(buyer: Buyer, accounts: Mapping[int, Account], *, country: str) -> Buyer:
    """Return a buyer of whom nothing is left to say: what they did not, their account has.

    `country` is where accounts live that say of their address only street and town. Raises
    AccountCannotOrder unless the buyer is a guest or an account that may act; UnknownAddress; and
    ContactIncomplete where nobody has said it.
    """
    if buyer.user_id is None:
        return _whole(buyer)
    account = accounts.get(buyer.user_id)
    if account is None or not _may_order(buyer, account):
        raise AccountCannotOrder
    email = account.email or None if buyer.email is None else buyer.email
    address = _kept(buyer, account, country=country) if buyer.address is None else buyer.address
    if address is not None and not address.name:
        address = replace(address, name=account.name)
    return _whole(replace(buyer, email=email, address=address))


def _may_order(buyer: Buyer, account: Account) -> bool:
    standing = account.standing
    return standing.is_active and buyer.token_version in {None, standing.token_version}


def _kept(buyer: Buyer, account: Account, *, country: str) -> PostalAddress | None:
    """Return the address of the book that is meant, or the last used, or the account's own."""
    if buyer.address_id is not None:
        for kept in account.book:
            if kept.id == buyer.address_id:
                return PostalAddress(**asdict(kept.fields))
        raise UnknownAddress(address_id=buyer.address_id)
    if account.book:
        return PostalAddress(**asdict(account.book[0].fields))
    if account.address and account.city:
        line1 = account.address[:LONGEST_LINE]
        return PostalAddress(line1=line1, city=account.city, country=country)
    return None


def _whole(buyer: Buyer) -> Buyer:
    said = {"email": buyer.email, "address": buyer.address}
    missing = tuple(name for name in said if said[name] is None)
    if missing:
        raise ContactIncomplete(missing=missing)
    return buyer


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


def _bare(text: str) -> str:
    """Return a text without white space, punctuation and what cannot be seen."""
    signs = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in signs if unicodedata.category(sign)[0] not in "ZPC")


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
