"""Who gets what from the API.

Five people: somebody without a token; alice, who owns the cart, the order and the review that an
address names; bob, who has his own; a clerk, who is staff without any right; and sam, who is staff
with all of them. A method that a row does not name is 405 for all five. Where nothing is sent, a
400 says that somebody was let in.
"""

from tests.access.rows import NO_SUCH_METHOD, Row, Table, read_table

PEOPLE = ("anonymous", "alice", "bob", "clerk", "sam")

_EVERYBODY = "200 200 200 200 200"

MATRIX: Table = {
    "api/": {"ANY": "302 302 302 302 302"},
    "api/^": {"ANY": "404 404 404 404 404"},
    "api/schema/": {"GET": _EVERYBODY},
    "api/docs/": {"GET": _EVERYBODY},
    # The doors.
    "api/login/": {"POST": "400 400 400 400 400"},
    "api/token/refresh/": {"POST": "400 400 400 400 400"},
    "api/logout/": {"POST": "400 400 400 400 400"},
    "api/register/": {"POST": "400 400 400 400 400"},
    # People: oneself, and for staff with the right all.
    "api/users/": {"GET": "401 200 200 200 200"},
    "api/users/me/": {"GET": "401 200 200 200 200", "PATCH": "401 200 200 200 200"},
    "api/users/<bigid:user_id>/": {"GET": "401 200 404 404 200"},
    # The catalogue: read by everybody, written by staff with the right. What is ordered stays: 409.
    "api/categories/": {"GET": _EVERYBODY, "POST": "401 403 403 403 400"},
    "api/categories/<bigid:category_id>/": {
        "GET": _EVERYBODY,
        "PATCH": "401 403 403 403 200",
        "DELETE": "401 403 403 403 409",
    },
    "api/categories/<bigid:category_id>/picture/": {
        "POST": "401 403 403 403 400",
        "DELETE": "401 403 403 403 204",
    },
    "api/products/": {"GET": _EVERYBODY, "POST": "401 403 403 403 400"},
    "api/products/<bigid:product_id>/": {
        "GET": _EVERYBODY,
        "PATCH": "401 403 403 403 200",
        "DELETE": "401 403 403 403 409",
    },
    # What is hidden can be changed, and is read in the back office.
    "api/products/<bigid:product_id>/ [hidden]": {
        "GET": "404 404 404 404 404",
        "PATCH": "401 403 403 403 200",
        "DELETE": "401 403 403 403 409",
    },
    "api/products/<bigid:product_id>/variants/": {"POST": "401 403 403 403 400"},
    "api/products/<bigid:product_id>/variants/<bigid:variant_id>/": {
        "PATCH": "401 403 403 403 200",
        "DELETE": "401 403 403 403 409",
    },
    "api/products/<bigid:product_id>/pictures/": {"POST": "401 403 403 403 400"},
    "api/products/<bigid:product_id>/pictures/<bigid:picture_id>/": {
        "PATCH": "401 403 403 403 200",
        "DELETE": "401 403 403 403 204",
    },
    "api/products/<bigid:product_id>/stock/": {
        "GET": "401 403 403 403 200",
        "POST": "401 403 403 403 400",
    },
    "api/stock/": {"GET": "401 403 403 403 200"},
    # Webhooks: staff with the right.
    "api/webhooks/": {"GET": "401 403 403 403 200", "POST": "401 403 403 403 400"},
    "api/webhooks/<bigid:webhook_id>/": {
        "GET": "401 403 403 403 200",
        "PATCH": "401 403 403 403 200",
        "DELETE": "401 403 403 403 204",
    },
    "api/webhooks/<bigid:webhook_id>/rotate-secret/": {"POST": "401 403 403 403 200"},
    "api/webhooks/<bigid:webhook_id>/test/": {"POST": "401 403 403 403 201"},
    "api/webhooks/<bigid:webhook_id>/deliveries/": {"GET": "401 403 403 403 200"},
    "api/webhooks/<bigid:webhook_id>/deliveries/<bigid:delivery_id>/": {
        "GET": "401 403 403 403 200"
    },
    "api/webhooks/<bigid:webhook_id>/deliveries/<bigid:delivery_id>/resend/": {
        "POST": "401 403 403 403 200"
    },
    # Carts: an owner's is nobody else's, not even the staff's; a guest's is whoever's holds its id.
    "api/carts/": {"GET": "401 200 200 200 200", "POST": "201 201 201 201 201"},
    "api/carts/<uuid:cart_id>/": {"GET": "404 200 404 404 404", "DELETE": "404 204 404 404 404"},
    "api/carts/<uuid:cart_id>/lines/": {"POST": "404 201 404 404 404"},
    "api/carts/<uuid:cart_id>/lines/ [hidden]": {"POST": "404 404 404 404 404"},
    "api/carts/<uuid:cart_id>/lines/<bigid:line_id>/": {
        "PATCH": "404 200 404 404 404",
        "DELETE": "404 204 404 404 404",
    },
    "api/carts/<uuid:cart_id>/ [guest]": {"GET": _EVERYBODY, "DELETE": "204 204 204 204 204"},
    "api/carts/<uuid:cart_id>/lines/ [guest]": {"POST": "201 201 201 201 201"},
    "api/carts/<uuid:cart_id>/lines/<bigid:line_id>/ [guest]": {
        "PATCH": _EVERYBODY,
        "DELETE": "204 204 204 204 204",
    },
    # Orders: the list is the one of alice's cart, or of a guest's.
    "api/orders/": {"GET": "401 200 200 200 200", "POST": "404 201 404 404 404"},
    "api/orders/ [guest]": {"GET": "401 200 200 200 200", "POST": "201 201 201 201 201"},
    "api/orders/<bigid:order_id>/": {"GET": "404 200 404 404 200"},
    "api/orders/<bigid:order_id>/cancel/": {"POST": "404 200 404 404 200"},
    "api/orders/<bigid:order_id>/mark-refunded/ [canceled]": {"POST": "401 403 403 403 200"},
    "api/orders/<bigid:order_id>/mark-paid/": {"POST": "401 403 403 403 200"},
    "api/orders/<bigid:order_id>/ship/": {"POST": "401 403 403 403 200"},
    "api/orders/<bigid:order_id>/complete/ [delivered]": {"POST": "401 403 403 403 200"},
    "api/orders/<bigid:order_id>/ [guest]": {"GET": "404 404 404 404 200"},
    "api/orders/<bigid:order_id>/cancel/ [guest]": {"POST": "404 404 404 404 200"},
    # Reviews: alice has written hers; staff with the right hide it.
    "api/reviews/": {"GET": _EVERYBODY, "POST": "401 409 201 201 201"},
    "api/reviews/<bigid:review_id>/": {"GET": _EVERYBODY, "PATCH": "401 403 403 403 200"},
    "api/reviews/<bigid:review_id>/ [hidden]": {
        "GET": "404 404 404 404 404",
        "PATCH": "401 403 403 403 200",
    },
    "api/reviews/ [hidden]": {"GET": _EVERYBODY, "POST": "401 404 404 404 404"},
}

_GUESTS_ORDER = """{"cart": "<cart_id>", "email": "new@example.com", "address":
 {"name": "Al", "line1": "1 New Road", "city": "Leeds", "postcode": "LS1 4AP", "country": "GB"}}"""
BODIES = {
    "PATCH api/users/me/": '{"first_name": "Al"}',
    "PATCH api/categories/<bigid:category_id>/": '{"description": "New"}',
    "PATCH api/products/<bigid:product_id>/": '{"description": "New"}',
    "PATCH api/products/<bigid:product_id>/variants/<bigid:variant_id>/": '{"price": "9.00"}',
    "PATCH api/products/<bigid:product_id>/pictures/<bigid:picture_id>/": '{"alt": "New"}',
    "PATCH api/webhooks/<bigid:webhook_id>/": '{"description": "New"}',
    "POST api/carts/<uuid:cart_id>/lines/": '{"variant": <variant_id>}',
    "POST api/carts/<uuid:cart_id>/lines/ [guest]": '{"variant": <variant_id>}',
    "PATCH api/carts/<uuid:cart_id>/lines/<bigid:line_id>/": '{"quantity": 3}',
    "PATCH api/carts/<uuid:cart_id>/lines/<bigid:line_id>/ [guest]": '{"quantity": 3}',
    "POST api/carts/<uuid:cart_id>/lines/ [hidden]": '{"variant": <variant_id>}',
    "PATCH api/products/<bigid:product_id>/ [hidden]": '{"description": "New"}',
    "POST api/orders/": _GUESTS_ORDER,
    "POST api/orders/ [guest]": _GUESTS_ORDER,
    "POST api/reviews/": '{"product": <product_id>, "rating": 4, "text": "Good"}',
    "POST api/reviews/ [hidden]": '{"product": <product_id>, "rating": 4, "text": "Good"}',
    "PATCH api/reviews/<bigid:review_id>/": '{"is_hidden": true}',
    "PATCH api/reviews/<bigid:review_id>/ [hidden]": '{"is_hidden": false}',
}
ADDRESSES = {"api/^": "api/nowhere/"}


def rows() -> list[Row]:
    """Return the rows of the API."""
    others = " ".join([NO_SUCH_METHOD] * len(PEOPLE))
    return read_table(MATRIX, PEOPLE, bodies=BODIES, addresses=ADDRESSES, others=others)
