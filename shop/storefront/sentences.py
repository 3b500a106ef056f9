"""What the shop says when it refuses, and the HTTP status that goes with it.

Refusals carry a code and data; here is the only place where the pages turn them into words.
"""

from decimal import Decimal
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from shop.lib.metrics import REFUSALS
from shop.lib.refusals import Refusal
from shop.storefront.templatetags.money import money

_MINUTE = 60
_BAD = HTTPStatus.BAD_REQUEST
_FORBIDDEN = HTTPStatus.FORBIDDEN
_MISSING = HTTPStatus.NOT_FOUND
_CONFLICT = HTTPStatus.CONFLICT
_UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY

# By code; a test reads every refusal of the shop and misses none here. What stands in braces is
# the refusal's own data.
SENTENCES: dict[str, tuple[HTTPStatus, str]] = {
    # Everybody
    "busy": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The shop is very busy just now. Nothing was changed; please try again in a moment.",
    ),
    "away": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The shop is away for a moment. Please try again shortly, and look whether what you did"
        " last is there: we could not make sure of it. Nothing is ordered twice.",
    ),
    "invalid_cursor": (_MISSING, "There is no such page of this list."),
    "invalid_filter": (
        _BAD,
        "This address asks for a list that we cannot show. Please choose again from the products.",
    ),
    "too_many_requests": (
        HTTPStatus.TOO_MANY_REQUESTS,
        "That was a lot in a short time. Please try again in {retry_after}.",
    ),
    "unprintable_text": (
        _UNPROCESSABLE,
        "There is a character in {field} that cannot be printed. Please type it again.",
    ),
    # People
    "username_taken": (_CONFLICT, "Somebody has the username {username} already."),
    "email_taken": (_CONFLICT, "Somebody has this e-mail address already."),
    "weak_password": (_UNPROCESSABLE, "This password is not safe enough."),
    "unknown_user": (_MISSING, "We do not know this account."),
    "unknown_address": (_MISSING, "We do not know this address."),
    "address_book_is_full": (
        _CONFLICT,
        "You can keep {limit:,} addresses, and yours are that many.",
    ),
    "session_ended": (HTTPStatus.UNAUTHORIZED, "You have been signed out. Please sign in again."),
    # Catalogue
    "unknown_variant": (_MISSING, "We do not know this product."),
    "unknown_product": (_MISSING, "We do not know this product."),
    "unknown_category": (_MISSING, "We do not know this category."),
    "invalid_product": (_UNPROCESSABLE, "Product {sku} cannot be saved: {field} is {problem}."),
    "regular_price_below_price": (
        _UNPROCESSABLE,
        "The regular price of {sku}, {regular_price}, is below its price, {price}.",
    ),
    "repeated_sku": (_UNPROCESSABLE, "{sku} is there twice; only the first one counts."),
    "variant_of_other_product": (
        _CONFLICT,
        "{sku} belongs to product {product} already, and cannot move to another one.",
    ),
    "sku_taken": (_CONFLICT, "{sku} is the number of another product already."),
    "product_is_ordered": (
        _CONFLICT,
        "This product has been ordered or stocked, so it can be hidden but not removed.",
    ),
    "variant_is_ordered": (
        _CONFLICT,
        "{sku} has been ordered or stocked, so it can be hidden but not removed.",
    ),
    "category_is_in_use": (
        _CONFLICT,
        "There are still products or categories in this category, so it cannot be removed.",
    ),
    "category_name_taken": (_CONFLICT, "There is a category called {name} in that place already."),
    "invalid_category": (_UNPROCESSABLE, "The name of this category is {problem}."),
    "invalid_category_place": (_CONFLICT, "A category cannot stand there in the tree."),
    "unknown_picture": (_MISSING, "We do not know this picture."),
    "too_many_pictures": (
        _CONFLICT,
        "A product can have {limit:,} pictures, and this one has that many.",
    ),
    "invalid_picture": (
        _UNPROCESSABLE,
        "This picture cannot be used ({problem}). We take JPEG, PNG, WebP and AVIF files of up to "
        "{megabytes:,} MB and {megapixels:,} million pixels, at least {shortest:,} pixels wide and "
        "high.",
    ),
    # Stock
    "not_enough_stock": (
        _CONFLICT,
        "Only {available:,} left of {name}; you want {wanted:,}.",
    ),
    "stock_is_promised": (
        _CONFLICT,
        "{on_hand:,} units of {sku} would be left, and {promised:,} are promised to buyers"
        " already.",
    ),
    "invalid_stock_quantity": (
        _UNPROCESSABLE,
        "Stock cannot change by, or to, {quantity:,} units.",
    ),
    "same_location": (_UNPROCESSABLE, "It lies in {location} already."),
    "unknown_location": (_MISSING, "There is no stock location {location}."),
    # Reviews
    "already_reviewed": (_CONFLICT, "You have reviewed this product already."),
    "invalid_rating": (_UNPROCESSABLE, "A rating is a number from 1 to 5."),
    "invalid_review_text": (
        _UNPROCESSABLE,
        "A review has up to {limit:,} letters, and all of them can be printed.",
    ),
    "unknown_review": (_MISSING, "We do not know this review."),
    # Carts
    "unknown_cart": (_MISSING, "This cart is not there any more. Please start a new one."),
    "cart_is_ordered": (_CONFLICT, "This cart has been ordered already."),
    "cart_is_full": (
        _CONFLICT,
        "A cart has room for {limit:,} different things, and yours is full.",
    ),
    "invalid_quantity": (_BAD, "Please choose a quantity between 1 and {limit:,}."),
    "over_order_limit": (_CONFLICT, "You can order at most {limit:,} of {name} at a time."),
    "not_for_sale": (_CONFLICT, "Not for sale any more: {name}."),
    "unknown_line": (_MISSING, "This is not in your cart any more."),
    # Checkout
    "cart_is_empty": (_CONFLICT, "Your cart is empty, so there is nothing to order."),
    "cart_changed": (
        _CONFLICT,
        "Your cart has changed since you saw this page. Please check it and order again.",
    ),
    "total_changed": (
        _CONFLICT,
        "Your order now costs {total}, not {expected}. Please check it and order again.",
    ),
    "over_customer_limit": (
        _CONFLICT,
        "Everybody can have {limit:,} of {name} at most, together with what was ordered before by"
        " the same account, e-mail or postal address.",
    ),
    "order_too_large": (_UNPROCESSABLE, "We cannot take an order of {total}."),
    "invalid_line": (_UNPROCESSABLE, "Line {position} of the order is not possible."),
    "already_ordered": (_CONFLICT, "This has been ordered already. Nothing was ordered twice."),
    "account_cannot_order": (_FORBIDDEN, "This account cannot order. Please sign in again."),
    "contact_incomplete": (
        _UNPROCESSABLE,
        "We do not know yet where this order goes, or whom to tell. Please fill that in.",
    ),
    "key_reused": (
        _UNPROCESSABLE,
        "This has been ordered already, with other details. Nothing was ordered twice.",
    ),
    "checkout_failed": (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side, and nothing was ordered. Please try again.",
    ),
    "ticket_expired": (
        _CONFLICT,
        "This page was open for a long time. Please check your order and send it again.",
    ),
    "ticket_invalid": (
        _BAD,
        "Something went wrong with this form, and nothing was ordered. Please send it again.",
    ),
    "ticket_of_somebody_else": (
        _CONFLICT,
        "You have signed in or out meanwhile. Please check your order and send it again.",
    ),
    # Orders
    "unknown_number": (
        _MISSING,
        "This link leads to no order. Please open the one in our letter as a whole.",
    ),
    "unknown_link": (_MISSING, "This link is not whole. Please open the one in our letter."),
    "no_invoice": (_MISSING, "There is no invoice for this order yet."),
    "unknown_letter": (_MISSING, "We do not know this letter."),
    "unknown_order": (_MISSING, "We do not know this order."),
    "order_is_canceled": (
        _CONFLICT,
        "Order {number} was canceled before; nothing can be done with it.",
    ),
    "order_is_completed": (_CONFLICT, "Order {number} is completed and cannot be changed."),
    "order_is_paid": (_CONFLICT, "Order {number} was paid before."),
    "order_is_unpaid": (_CONFLICT, "Order {number} has not been paid yet."),
    "order_is_shipped": (_CONFLICT, "Order {number} was shipped before."),
    "order_owes_nothing": (_CONFLICT, "There is no money to give back for order {number}."),
    "order_is_unshipped": (_CONFLICT, "Order {number} has not been shipped yet."),
    # Webhooks
    "unknown_webhook": (_MISSING, "There is no such webhook."),
    "unknown_delivery": (_MISSING, "There is no such delivery, or not any more."),
    "invalid_webhook_url": (
        _UNPROCESSABLE,
        "This address cannot be called ({problem}). It has to begin with https://, to be open to"
        " the net, and to have no name or password in it.",
    ),
    "unknown_events": (_UNPROCESSABLE, "The shop tells no such events: {names}."),
    "too_many_webhooks": (_CONFLICT, "A shop can have {limit:,} webhooks, and has that many."),
    "webhook_is_off": (_CONFLICT, "Please enable the webhook first; {url} gets nothing before."),
}

# What is said instead, where a figure of the refusal makes all the difference.
_SOLD_OUT = "{name} is sold out."
_IN_CART_ALREADY = "You can order up to {limit:,} of it, and your cart has {in_cart:,} already."


def status_of(refusal: Refusal) -> HTTPStatus:
    """Return the status of the page that says no."""
    return SENTENCES[refusal.code][0]


def sentence_of(refusal: Refusal) -> str:
    """Return the sentence that says no, with the refusal's own figures; it is counted as said."""
    REFUSALS.labels("pages", refusal.code).inc()
    words = {name: _in_words(value) for name, value in refusal.data.items()}
    if "retry_after" in words:
        words["retry_after"] = _duration(words["retry_after"])
    return _wording(refusal).format(**words)


def _wording(refusal: Refusal) -> str:
    if refusal.code == "not_enough_stock" and not refusal.data["available"]:
        return _SOLD_OUT
    if refusal.code == "invalid_quantity" and refusal.data["in_cart"]:
        return _IN_CART_ALREADY
    return SENTENCES[refusal.code][1]


def _duration(seconds: int) -> str:
    """Return so much time in the unit people would say it in, rounded up."""
    count, unit = (
        (seconds, "second") if seconds < _MINUTE * 2 else (-(-seconds // _MINUTE), "minute")
    )
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _in_words(value: Any) -> Any:
    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, StrEnum):
        return value.replace("_", " ")
    return "this product" if value == "" else value
