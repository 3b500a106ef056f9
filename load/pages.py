"""Reading the shop's pages as a browser's owner does: names, prices, lines, totals, forms.

Every reader raises WrongAnswerError for a page that does not say what it has to say. It is written
with regular expressions: a parser of HTML would keep the load generator busier than the shop.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from html import unescape

from load.answers import Answer, WrongAnswerError, check

_TAG = re.compile(r"<[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_INPUT = re.compile(r"<input\b([^>]*)>")
_SELECT = re.compile(r'<select\b[^>]*\bname="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)
_CHOSEN = re.compile(r'<option value="([^"]*)"[^>]*\bselected')
_HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
_CARD = re.compile(r'<li class="card[^"]*">(.*?)</li>', re.DOTALL)
_PRODUCT_LINK = re.compile(r'<a href="/products/(\d+)/">(.*?)</a>', re.DOTALL)
_PRICE = re.compile(r'<p class="price[^"]*"[^>]*>.*?<span[^>]*>(.*?)</span>', re.DOTALL)
_NEXT = re.compile(r'<a rel="next" href="([^"]*)"')
_TICK = re.compile(r'<a class="tick" id="[^"]*" href="([^"]*)"')
_SORTING = re.compile(r'<a id="by-[\w]+" href="([^"]*)"')
_NOTICE = re.compile(r'<div class="notice" role="alert">(.*?)</div>', re.DOTALL)
_TOTAL = re.compile(r'<div class="total"><dt>Total</dt><dd>(.*?)</dd></div>', re.DOTALL)
_LINE = re.compile(r'<li class="line[^"]*">(.*?)</li>', re.DOTALL)
_LINE_PRICE = re.compile(r'<p class="hint">(.*?) each</p>')
_LINE_AMOUNT = re.compile(r'<p class="line-amount">(.*?)</p>')
_LINE_TITLE = re.compile(r"</h2>\s*<p>(.*?)</p>\s*<p class=\"hint\">", re.DOTALL)
_ORDER_LINK = re.compile(r'<a href="/orders/(\d+)/">(\w+)</a>')
_FIGURE = re.compile(r'<td class="figure[^"]*">(.*?)</td>')

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form goes, and what it sends unless somebody types something else."""

    action: str
    fields: Fields

    def filled(self, **typed: str) -> Fields:
        return {**self.fields, **typed}


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list."""

    product_id: int
    name: str
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list: what is on it, and where it leads."""

    cards: tuple[Card, ...]
    following: str
    narrower: tuple[str, ...]
    sortings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product; `form` is None where nothing of it can be bought."""

    name: str
    price: Decimal | None
    form: Form | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cart. `form` changes its quantity."""

    product_id: int
    title: str
    price: Decimal
    quantity: int
    amount: Decimal
    form: Form


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart that adds up."""

    lines: tuple[Line, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order that adds up."""

    number: str
    units: int
    total: Decimal


def words(html: str) -> str:
    """Return what a piece of a page says."""
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def money(text: str) -> Decimal:
    """Return an amount as the pages write it. Raises WrongAnswerError."""
    digits = re.sub(r"[^0-9.]", "", unescape(text))
    if not re.fullmatch(r"\d+\.\d\d", digits):
        raise WrongAnswerError(f"{text!r} is no amount")
    return Decimal(digits)


def heading(text: str) -> str:
    return words(_found(_HEADING, text, "a heading"))


def notice(text: str) -> str:
    """Return the sentence with which a page says no, empty where it does not."""
    found = _NOTICE.search(text)
    return words(found[1]) if found else ""


def listing(answer: Answer) -> Listing:
    text = answer.expect(200).text
    return Listing(
        cards=tuple(_card(html) for html in _CARD.findall(text)),
        following=_link(_NEXT, text),
        narrower=tuple(unescape(link) for link in _TICK.findall(text)),
        sortings=tuple(unescape(link) for link in _SORTING.findall(text)),
    )


def product(answer: Answer, *, name: str) -> ProductPage:
    text = answer.expect(200).text
    check(heading(text) == name, f"the page of {name!r} is headed {heading(text)!r}")
    price = _PRICE.search(text)
    forms = [form for form in _forms(text) if form.action.startswith("/cart/add/")]
    is_gone = "Sold out" in text or "Not for sale" in text
    check(bool(forms) or is_gone, f"{name!r} can neither be bought nor is it sold out")
    return ProductPage(
        name=name, price=money(price[1]) if price else None, form=forms[0] if forms else None
    )


def form(answer: Answer, action: str) -> Form:
    """Return the form of a page that is sent to `action`."""
    return form_of(answer.expect(200).text, action)


def form_of(text: str, action: str) -> Form:
    for found in _forms(text):
        if found.action == action:
            return found
    raise WrongAnswerError(f"there is no form for {action}")


def cart(answer: Answer) -> Cart:
    """Return a cart. Raises WrongAnswerError unless every amount and the total are right."""
    text = answer.expect(200).text
    check(heading(text) == "Cart", "this is not the cart")
    lines = tuple(_line(html) for html in _LINE.findall(text))
    if not lines:
        check("Your cart is empty" in text, "the cart has no lines and is not said to be empty")
        return Cart(lines=(), total=Decimal(0))
    total = money(_found(_TOTAL, text, "a total"))
    check(total == sum(line.amount for line in lines), f"the lines do not come to {total}")
    return Cart(lines=lines, total=total)


def checkout(answer: Answer, *, total: Decimal) -> Form:
    """Return the form that orders a cart of which the total was shown before."""
    text = answer.expect(200).text
    shown = money(_found(_TOTAL, text, "a total"))
    check(shown == total, f"the checkout says {shown}, the cart said {total}")
    found = form_of(text, "/checkout/")
    check(bool(found.fields.get("ticket")), "the checkout has no ticket")
    return found


def order(answer: Answer, *, total: Decimal) -> OrderPage:
    """Return an order. Raises WrongAnswerError unless it adds up to what was agreed."""
    text = answer.expect(200).text
    rows = text.split("<tbody>")[-1].split("</tbody>")[0].split("</tr>")[:-1]
    figures = [_FIGURE.findall(row) for row in rows]
    check(bool(figures) and all(len(row) == 3 for row in figures), "the order has no lines")
    for price, quantity, amount in figures:
        check(
            money(price) * int(quantity) == money(amount),
            f"{quantity} of {price} do not cost {amount}",
        )
    shown = money(_found(_TOTAL, text, "a total"))
    check(shown == total, f"the order says {shown}, the checkout said {total}")
    number = heading(text).removeprefix("Order ")
    return OrderPage(number=number, units=sum(int(row[1]) for row in figures), total=shown)


def order_numbers(answer: Answer) -> dict[int, str]:
    """Return the numbers of the orders in a list, by their ids."""
    text = answer.expect(200).text
    return {int(order_id): number for order_id, number in _ORDER_LINK.findall(text)}


def _card(html: str) -> Card:
    link, price = _PRODUCT_LINK.search(html), _PRICE.search(html)
    if link is None:
        raise WrongAnswerError("a product in the list leads nowhere")
    return Card(int(link[1]), words(link[2]), money(price[1]) if price else None)


def _line(html: str) -> Line:
    link, title = _PRODUCT_LINK.search(html), _LINE_TITLE.search(html)
    change = form_of(f"{html}", "/cart/")
    price = money(_found(_LINE_PRICE, html, "a price"))
    amount = money(_found(_LINE_AMOUNT, html, "an amount"))
    quantity = int(change.fields["quantity"])
    check(price * quantity == amount, f"in the cart {quantity} of {price} cost {amount}")
    return Line(
        product_id=int(link[1]) if link else 0,
        title=words(title[1]) if title else "",
        price=price,
        quantity=quantity,
        amount=amount,
        form=change,
    )


def _forms(text: str) -> list[Form]:
    return [
        Form(action=unescape(_attributes(head).get("action", "")), fields=_fields(inside))
        for head, inside in _FORM.findall(text)
    ]


def _fields(inside: str) -> Fields:
    fields: Fields = {}
    for html in _INPUT.findall(inside):
        attributes = _attributes(html)
        choice = attributes.get("type") in {"radio", "checkbox"}
        if "name" in attributes and (not choice or "checked" in attributes):
            fields[unescape(attributes["name"])] = unescape(attributes.get("value", ""))
    for name, options in _SELECT.findall(inside):
        chosen = _CHOSEN.search(options)
        fields[unescape(name)] = unescape(chosen[1]) if chosen else ""
    return fields


def _attributes(html: str) -> dict[str, str]:
    return dict(_ATTRIBUTE.findall(html))


def _link(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return unescape(found[1]) if found else ""


def _found(pattern: re.Pattern[str], text: str, what: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise WrongAnswerError(f"the page does not show {what}")
    return str(found[1])
