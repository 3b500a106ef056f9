"""Every code of a problem: its status, and a sentence for whoever reads a log.

Programs rely on status and code. What stands in braces is the refusal's own data.
"""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Problem:
    """The status of a refusal, and its sentence."""

    status: HTTPStatus
    detail: str


# By status and code. A test reads every refusal of the shop and misses none here; the others are
# the API's own.
_DETAILS: dict[HTTPStatus, dict[str, str]] = {
    HTTPStatus.BAD_REQUEST: {
        "malformed": "The request cannot be read.",
        "invalid": "Some values of the request are not possible; `errors` says which.",
        "idempotency_key_missing": "Name the purchase in an Idempotency-Key header: 1 to 200"
        " printable ASCII characters.",
        "invalid_filter": "The list cannot be narrowed down, or sorted, by this {name}.",
        "invalid_quantity": "A quantity is a whole number between 1 and {limit}.",
    },
    HTTPStatus.UNAUTHORIZED: {
        "not_authenticated": "Sign in first: POST /api/login/ gives an access token.",
        "invalid_token": "The access token is not valid, or not any more.",
        "wrong_credentials": "No account can sign in with this username and password.",
        "session_ended": "The tokens of this sign-in do not count any more; sign in again.",
    },
    HTTPStatus.FORBIDDEN: {
        "permission_denied": "This account may not do this.",
        "account_cannot_order": "This account cannot order; sign in again.",
    },
    HTTPStatus.NOT_FOUND: {
        "not_found": "There is nothing at this address.",
        "invalid_cursor": "There is no such page of this list.",
        "unknown_user": "There is no such user, or you may not see it.",
        "unknown_address": "There is no such address.",
        "unknown_category": "There is no such category.",
        "unknown_product": "There is no such product.",
        "unknown_variant": "There is no such variant.",
        "unknown_picture": "There is no such picture.",
        "unknown_location": "There is no stock location {location}.",
        "unknown_number": "There is no such order, or this is not the link to it.",
        "unknown_letter": "There is no such letter.",
        "unknown_link": "This link is not whole.",
        "no_invoice": "There is no invoice for this order (yet).",
        "unknown_cart": "There is no such cart, or it is somebody else's.",
        "unknown_line": "The cart has no such line.",
        "unknown_order": "There is no such order, or it is not yours.",
        "unknown_review": "There is no such review.",
        "unknown_webhook": "There is no such webhook.",
        "unknown_delivery": "There is no such delivery to this webhook, or not any more.",
    },
    HTTPStatus.METHOD_NOT_ALLOWED: {
        "method_not_allowed": "This address has other methods; `Allow` lists them.",
    },
    HTTPStatus.CONFLICT: {
        "username_taken": "Somebody has this username already.",
        "email_taken": "Somebody has this e-mail address already.",
        "address_book_is_full": "An account keeps up to {limit} addresses.",
        "variant_of_other_product": "{sku} belongs to product {product} and stays there.",
        "sku_taken": "{sku} is the number of another product or variant.",
        "product_is_ordered": "The product was ordered or stocked: it can be hidden.",
        "variant_is_ordered": "{sku} was ordered or stocked: it can be hidden.",
        "category_is_in_use": "There are products or categories in this category.",
        "category_name_taken": "Another category in this place is called {name}.",
        "invalid_category_place": "A category cannot stand there in the tree.",
        "too_many_pictures": "A product has up to {limit} pictures.",
        "not_enough_stock": "Of {name} ({sku}), {wanted} are wanted and {available} are for sale.",
        "stock_is_promised": "Of {on_hand} units of {sku}, {promised} are promised to buyers.",
        "cart_is_ordered": "The cart has been ordered and does not change any more.",
        "cart_is_full": "A cart has room for {limit} different things.",
        "over_order_limit": "An order can have up to {limit} of {name}; {wanted} are wanted.",
        "over_customer_limit": "A customer can have up to {limit} of {name}, together with what was"
        " ordered before by the same account, e-mail or postal address.",
        "not_for_sale": "Not for sale, or not any more: {name}.",
        "cart_is_empty": "There is nothing in the cart to order.",
        "cart_changed": "The cart was changed meanwhile. Read it again.",
        "total_changed": "The order costs {total}, not {expected}.",
        "already_ordered": "The cart has been ordered already; nothing was ordered twice.",
        "order_is_canceled": "Order {number} has been canceled.",
        "order_is_completed": "Order {number} is completed and does not change any more.",
        "order_is_paid": "Order {number} has been paid already.",
        "order_is_unpaid": "Order {number} has not been paid yet.",
        "order_is_shipped": "Order {number} has been shipped already.",
        "order_owes_nothing": "There is no money to give back for order {number}.",
        "order_is_unshipped": "Order {number} has not been shipped yet.",
        "too_many_webhooks": "A shop has up to {limit} webhooks.",
        "webhook_is_off": "The webhook {url} is not enabled.",
        "already_reviewed": "You have reviewed this product already.",
    },
    HTTPStatus.LENGTH_REQUIRED: {
        "length_required": "Say how long the body is: send Content-Length, not pieces.",
    },
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {
        "too_large": "The request's body is too large.",
    },
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {
        "unsupported_media_type": "This address does not take bodies of this media type.",
    },
    HTTPStatus.UNPROCESSABLE_ENTITY: {
        "contact_incomplete": "Neither the request nor the account says this: {missing}.",
        "weak_password": "The password is guessed too easily; `errors` says why.",
        "invalid_product": "{sku}: {field} is {problem}.",
        "invalid_picture": "The picture cannot be used ({problem}): JPEG, PNG, WebP and AVIF"
        " files of up to {megabytes} MB and {megapixels} million pixels, at least {shortest}"
        " wide and high.",
        "invalid_category": "The name of the category is {problem}.",
        "regular_price_below_price": "The regular price of {sku} is below its price.",
        "repeated_sku": "{sku} is there twice.",
        "same_location": "The stock lies in {location} already.",
        "invalid_stock_quantity": "Stock cannot change by, or to, {quantity} units.",
        "order_too_large": "An order cannot come to {total}.",
        "invalid_line": "Line {position} of the order is not possible.",
        "key_reused": "This Idempotency-Key was used for another request.",
        "invalid_rating": "A rating is a whole number from 1 to 5.",
        "invalid_review_text": "A review has up to {limit} characters, all of them printable.",
        "invalid_webhook_url": "The address is one that the shop does not call: {problem}. It takes"
        " https, a public address, and no name or password.",
        "unknown_events": "The shop tells no such events: {names}.",
        "unprintable_text": "There are characters in {field} that cannot be printed.",
    },
    HTTPStatus.TOO_MANY_REQUESTS: {
        "too_many_requests": "Too many requests; try again in {retry_after} seconds.",
    },
    HTTPStatus.INTERNAL_SERVER_ERROR: {
        "checkout_failed": "Something went wrong here, and nothing was ordered.",
        "server_error": "Something went wrong here.",
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {
        "busy": "Others are in the way just now; nothing was changed. Try again in a moment.",
        "away": "The database does not answer just now, and whether this request changed anything"
        " is not known. Try again in a moment; with the same Idempotency-Key, nothing is ordered"
        " twice.",
    },
}

PROBLEMS: dict[str, Problem] = {
    code: Problem(status, detail)
    for status, details in _DETAILS.items()
    for code, detail in details.items()
}


def type_of(code: str) -> str:
    """Return the name of a kind of problem, the same for ever."""
    return f"urn:novashop:problem:{code}"


def title_of(code: str) -> str:
    """Return a code in words."""
    return code.replace("_", " ").capitalize()
