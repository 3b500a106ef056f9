"""From a letter to what its reader gets: a subject, a text, a page, and what is attached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from shop.cart import queries as carts
from shop.catalog.errors import UnknownProduct
from shop.catalog.rules import full_name
from shop.letters import queries as letters
from shop.letters.errors import NoInvoice
from shop.letters.rules import ABOUT_ORDERS, LetterKind
from shop.mail.words import WORDS
from shop.orders import queries as orders
from shop.orders.rules import PaymentState
from shop.pricing.rules import Terms
from shop.showcase import queries as showcase
from shop.showcase.rules import ProductPage

if TYPE_CHECKING:
    from shop.letters.models import Letter
    from shop.mail.example import ExampleLine, ExampleOrder
    from shop.orders.models import Order, OrderLine

# An order of a company may have thousands; the others are on its page.
MOST_LINES = 100
_PDF = "application/pdf"


class NothingToSayError(Exception):
    """What a letter was to tell is not so any more."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a letter names, and what one of it costs now."""

    name: str
    quantity: int = 1
    price: Decimal | None = None
    is_from: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    content: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter as it is read."""

    subject: str
    text: str
    html: str
    attachments: Sequence[Attachment] = ()
    # Where whoever reads it says that no more of these shall come.
    stop_link: str = ""


def compose(letter: "Letter") -> Composed:
    """Return what a letter says, of what it is about as that is now.

    Raises UnknownOrder, or NothingToSayError where it is not so any more.
    """
    kind = LetterKind(letter.kind)
    if kind is LetterKind.BACK_IN_STOCK and letter.product_id is not None:
        return about_product(_on_show(letter.product_id), letter.recipient)
    if kind is LetterKind.LEFT_CART:
        return about_cart(_left_in(UUID(letter.facts[0])), letter.recipient)
    if kind not in ABOUT_ORDERS or letter.order_id is None:
        return to_staff(kind, letter.facts)
    return about(kind, orders.whole(letter.order_id))


def about(kind: LetterKind, order: "Order") -> Composed:
    """Return a letter of a kind about an order, which was read with its lines."""
    attachments = _invoice(order) if kind is LetterKind.PAID else []
    return about_order(kind, order, list(order.lines.all()), attachments)


def about_order(
    kind: LetterKind,
    order: "Order | ExampleOrder",
    lines: "Sequence[OrderLine] | Sequence[ExampleLine]",
    attachments: Sequence[Attachment] = (),
) -> Composed:
    """Return a letter to the buyer of an order."""
    context = {
        "order": order,
        "lines": lines[:MOST_LINES],
        "more_lines": len(lines[MOST_LINES:]),
        "link": address_of(order),
        "bank_details": settings.BANK_DETAILS,
        "waits_for_money": order.payment_state == PaymentState.UNPAID.value,
        "owes_money": order.payment_state == PaymentState.REFUND_DUE.value,
        "has_invoice": bool(attachments),
    }
    return _composed("order", kind, context, attachments, number=order.number)


def about_product(product: ProductPage, recipient: str) -> Composed:
    """Return a letter to somebody who waits for a product."""
    link = _absolute(reverse("product_detail", args=[product.product_id]))
    price = product.lead.price if product.lead else None
    things = [Thing(product.name, price=price, is_from=product.costs_more)]
    return _wanted(LetterKind.BACK_IN_STOCK, things, link, recipient, name=product.name)


def about_cart(things: Sequence[Thing], recipient: str) -> Composed:
    """Return a letter to somebody who has left things in a cart."""
    return _wanted(LetterKind.LEFT_CART, things, _absolute(reverse("cart")), recipient)


def _wanted(
    kind: LetterKind, things: Sequence[Thing], link: str, recipient: str, *, name: str = ""
) -> Composed:
    """Return a letter that somebody asked for, and can stop."""
    seal = letters.stopping_seal(recipient)
    stop = _absolute(reverse("reminders_stop", args=[seal]))
    context = {"things": things[:MOST_LINES], "link": link, "stop": stop}
    return replace(_composed("wanted", kind, context, name=name), stop_link=stop)


def _on_show(product_id: int) -> ProductPage:
    try:
        return showcase.product(product_id)
    except UnknownProduct as refusal:
        raise NothingToSayError("taken out of the shop meanwhile") from refusal


def _left_in(cart_id: UUID) -> list[Thing]:
    cart = carts.priced(cart_id, terms=Terms(currency=settings.CURRENCY))
    if not cart.lines:
        raise NothingToSayError("ordered or emptied meanwhile")
    return [
        Thing(full_name(line.item.name, line.item.title), line.item.quantity, line.item.price)
        for line in cart.lines
    ]


def to_staff(kind: LetterKind, facts: Sequence[str]) -> Composed:
    """Return a letter to a member of staff."""
    pages = {
        LetterKind.LOW_STOCK: "admin:inventory_stocklevel_changelist",
        LetterKind.TROUBLE: "admin:events_schedule_changelist",
    }
    return _composed("staff", kind, {"facts": facts, "link": _absolute(reverse(pages[kind]))})


def address_of(order: "Order | ExampleOrder") -> str:
    """Return the address at which whoever has the letter opens the order."""
    seal = orders.seal_of(order.number)
    return _absolute(reverse("order_open", args=[order.number, seal]))


def _composed(
    template: str,
    kind: LetterKind,
    context: Mapping[str, Any],
    attachments: Sequence[Attachment] = (),
    **facts: str,
) -> Composed:
    words = WORDS[kind]
    subject = words.subject.format(**facts)
    whole = {
        **context,
        "kind": kind.value,
        "words": words,
        "subject": subject,
        "shop": settings.SHOP_NAME,
        "home": _absolute(reverse("category_list")),
    }
    return Composed(
        subject=subject,
        text=render_to_string(f"mail/{template}.txt", whole),
        html=render_to_string(f"mail/{template}.html", whole),
        attachments=attachments,
    )


def _invoice(order: "Order") -> list[Attachment]:
    try:
        printed = letters.printed_invoice(order)
    except NoInvoice:
        return []
    return [Attachment(printed.name, printed.content, _PDF)]


def _absolute(path: str) -> str:
    return urljoin(f"{settings.SITE_URL}/", path)
