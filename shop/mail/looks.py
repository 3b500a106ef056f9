"""How letters look, for staff: every kind, on a telephone and on a desk, light and dark."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from shop.letters import queries as letters
from shop.letters.errors import UnknownLetter
from shop.letters.rules import ABOUT_ORDERS, LetterKind
from shop.mail.composing import (
    Composed,
    NothingToSayError,
    Thing,
    about,
    about_cart,
    about_order,
    about_product,
    compose,
    to_staff,
)
from shop.mail.example import LINES, PRODUCT, example_order
from shop.orders import queries as orders

_for_readers = permission_required("letters.view_letter", raise_exception=True)
_SHADES = ("light", "dark")
# As wide as they are read: a telephone, and the window of a mail program.
_WIDTHS = (("On a telephone", 390), ("On a desk", 640))
_EXAMPLE_FACTS = ("Harbour mug, Sea green (MUG-HARBOUR-G): 3 left",)
_ASKS_FOR_DARK = "@media (prefers-color-scheme: dark)"


@require_safe
@_for_readers
def looks(request: HttpRequest) -> HttpResponse:
    """Show a kind of letter, with the order that is asked for, the newest one, or an example."""
    kind = _kind(request.GET.get("kind", ""))
    name = request.GET.get("order", "").replace("\0", "").strip()
    composed, number = _example_of(request, kind, name)
    context = {"kind": kind.value, "number": number, "kinds": list(LetterKind)}
    return _page(request, composed, {"title": "How letters look", **context})


@require_safe
@_for_readers
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Show a letter to somebody as it would be sent now."""
    try:
        found = letters.find(letter_id)
    except UnknownLetter as refusal:
        raise Http404 from refusal
    title = f"Letter to {found.recipient}"
    try:
        composed = compose(found)
    except NothingToSayError as reason:
        composed = Composed(subject=f"Nothing to say: {reason}", text="", html="")
    return _page(request, composed, {"title": title, "letter": found})


def _kind(name: str) -> LetterKind:
    return LetterKind(name) if name in set(LetterKind) else LetterKind.PLACED


def _example_of(request: HttpRequest, kind: LetterKind, name: str) -> tuple[Composed, str]:
    """Return a letter of this kind, and the number of the order it is about."""
    if kind is LetterKind.BACK_IN_STOCK:
        return about_product(PRODUCT, example_order().email), ""
    if kind is LetterKind.LEFT_CART:
        things = [Thing(line.name, line.quantity, line.unit_price) for line in LINES]
        return about_cart(things, example_order().email), ""
    if kind not in ABOUT_ORDERS:
        return to_staff(kind, _EXAMPLE_FACTS), ""
    order_id = orders.find(name) if name else _newest()
    if order_id is None:
        if name:
            messages.warning(request, "There is no order of that number; this is an example.")
        return about_order(kind, example_order(), LINES), ""
    order = orders.whole(order_id)
    return about(kind, order), order.number


def _newest() -> int | None:
    newest = orders.page_of_all(cursor=None).items
    return newest[0].pk if newest else None


def _page(request: HttpRequest, composed: Composed, context: dict[str, Any]) -> HttpResponse:
    shade = request.GET.get("shade", "")
    shade = shade if shade in _SHADES else _SHADES[0]
    whole = {
        **admin.site.each_context(request),
        **context,
        "composed": composed,
        "html": _in_shade(composed.html, shade),
        "shade": shade,
        "shades": _SHADES,
        "widths": _WIDTHS,
    }
    return TemplateResponse(request, "mail/looks.html", whole)


def _in_shade(html: str, shade: str) -> str:
    """Return a letter as a reader sees it who prefers light or dark, whatever ours prefers."""
    media = "@media all" if shade == "dark" else "@media not all"
    return html.replace(_ASKS_FOR_DARK, media).replace("light dark", shade)
