"""Who gets what on the pages.

Five people: somebody who is not signed in; alice, who owns the order, the address, the cart and
the review that an address names; bob, who has his own; a clerk, who is staff without any right;
and sam, who is staff with all of them. A method that a row does not name is 405 for all five.
"""

from tests.access.rows import NO_SUCH_METHOD, Row, Table, read_table

PEOPLE = ("anonymous", "alice", "bob", "clerk", "sam")

MATRIX: Table = {
    # For everybody.
    "": {"GET": "200 200 200 200 200"},
    "<int:category_id>/": {"GET": "200 200 200 200 200"},
    "products/": {"GET": "200 200 200 200 200"},
    "products/<int:product_id>/": {"GET": "200 200 200 200 200"},
    "products/<int:product_id>/ [hidden]": {"GET": "404 404 404 404 404"},
    "media/<path:name>": {"GET": "200 200 200 200 200"},
    "robots.txt": {"GET": "200 200 200 200 200"},
    "search/": {"GET": "200 200 200 200 200"},
    "healthz": {"GET": "200 200 200 200 200"},
    "readyz": {"GET": "200 200 200 200 200"},
    "metrics": {"GET": "200 200 200 200 200"},
    "favicon.ico": {"GET": "302 302 302 302 302"},
    # Everybody has a cart of their own; nobody reaches into that of somebody else.
    "cart/": {"GET": "200 200 200 200 200", "POST": "404 302 404 404 404"},
    "cart/ [empty]": {"GET": "200 200 200 200 200", "POST": "400 400 400 400 400"},
    "cart/token/": {"GET": "204 204 204 204 204"},
    "cart/add/<int:product_id>/": {"GET": "200 200 200 200 200", "POST": "302 302 302 302 302"},
    "cart/add/<int:product_id>/ [hidden]": {
        "GET": "404 404 404 404 404",
        "POST": "404 404 404 404 404",
    },
    # To the cart, where there is nothing to order; a ticket is good for whom it was written.
    "checkout/": {"GET": "302 200 200 302 302", "POST": "409 302 409 409 409"},
    # Orders: one's own, and for staff who may see orders all.
    "orders/": {"GET": "sign-in 200 200 200 200"},
    "orders/<int:order_id>/": {"GET": "404 200 404 404 200"},
    "orders/<int:order_id>/cancel/": {
        "GET": "404 200 404 404 200",
        "POST": "404 302 404 404 302",
    },
    "orders/<int:order_id>/ [guest]": {"GET": "404 404 404 404 200"},
    "orders/<int:order_id>/cancel/ [guest]": {
        "GET": "404 404 404 404 200",
        "POST": "404 404 404 404 302",
    },
    # What is paid has an invoice, for those who may see the order.
    "orders/<int:order_id>/invoice/": {"GET": "404 404 404 404 404"},
    "orders/<int:order_id>/invoice/ [delivered]": {"GET": "404 200 404 404 200"},
    # Whoever holds the letter comes to a guest's order; to alice's, alice alone.
    "orders/open/<str:number>/<str:seal>/": {"GET": "sign-in 302 sign-in sign-in 302"},
    "orders/open/<str:number>/<str:seal>/ [guest]": {"GET": "302 302 302 302 302"},
    "orders/open/<str:number>/<str:seal>/ [wrong]": {"GET": "404 404 404 404 404"},
    # Everybody may want to be told, and whoever holds the letter not any more.
    "products/<int:product_id>/remind/": {
        "GET": "200 200 200 200 200",
        "POST": "422 422 422 422 422",
    },
    "products/<int:product_id>/remind/ [hidden]": {
        "GET": "404 404 404 404 404",
        "POST": "404 404 404 404 404",
    },
    "reminders/stop/<str:sealed>/": {"GET": "200 200 200 200 200", "POST": "200 200 200 200 200"},
    "reminders/stop/<str:sealed>/ [wrong]": {
        "GET": "404 404 404 404 404",
        "POST": "404 404 404 404 404",
    },
    # Alice has said already what she thinks.
    "products/<int:product_id>/reviews/add/": {
        "GET": "sign-in 200 200 200 200",
        "POST": "sign-in 409 302 302 302",
    },
    "products/<int:product_id>/reviews/add/ [hidden]": {
        "GET": "404 404 404 404 404",
        "POST": "404 404 404 404 404",
    },
    # One's own account.
    "accounts/": {"GET": "sign-in 200 200 200 200", "POST": "sign-in 422 422 422 422"},
    "accounts/addresses/": {"GET": "sign-in 200 200 200 200"},
    "accounts/addresses/add/": {
        "GET": "sign-in 200 200 200 200",
        "POST": "sign-in 422 422 422 422",
    },
    "accounts/addresses/<int:address_id>/": {
        "GET": "sign-in 200 404 404 404",
        "POST": "sign-in 302 404 404 404",
    },
    "accounts/addresses/<int:address_id>/remove/": {"POST": "sign-in 302 404 404 404"},
    "accounts/letters/": {"POST": "sign-in 302 302 302 302"},
    "accounts/password/change/": {
        "GET": "sign-in 200 200 200 200",
        "POST": "sign-in 422 422 422 422",
    },
    # The doors: who is in already is led to their own page.
    "accounts/login/": {"GET": "200 302 302 302 302", "POST": "422 302 302 302 302"},
    "accounts/signup/": {"GET": "200 302 302 302 302", "POST": "422 302 302 302 302"},
    "accounts/logout/": {"GET": "302 200 200 200 200", "POST": "302 302 302 302 302"},
    # Whoever holds the letter may set a password; a wrong link is gone.
    "accounts/password/reset/": {"GET": "200 200 200 200 200", "POST": "422 422 422 422 422"},
    "accounts/password/reset/sent/": {"GET": "200 200 200 200 200"},
    "accounts/password/reset/done/": {"GET": "200 200 200 200 200"},
    "accounts/password/reset/<str:uidb64>/<str:token>/": {
        "GET": "302 302 302 302 302",
        "POST": "302 302 302 302 302",
    },
    "accounts/password/reset/<str:uidb64>/<str:token>/ [wrong]": {
        "GET": "410 410 410 410 410",
        "POST": "410 410 410 410 410",
    },
}

_DETAILS = (
    "email=new%40example.com&name=Al&line1=1+New+Road&city=Leeds&postcode=LS1+4AP&country=GB"
    "&payment=on_delivery"
)
BODIES = {
    "POST cart/": "line=<line_id>&quantity=2",
    "POST cart/add/<int:product_id>/": "variant=<variant_id>&quantity=1",
    "POST cart/add/<int:product_id>/ [hidden]": "variant=<variant_id>&quantity=1",
    "POST checkout/": f"ticket=<ticket>&{_DETAILS}",
    "POST products/<int:product_id>/reviews/add/": "rating=4&text=Good",
    "POST products/<int:product_id>/reviews/add/ [hidden]": "rating=4&text=Good",
    "POST accounts/addresses/<int:address_id>/": (
        "name=Al&line1=1+New+Road&city=Leeds&postcode=LS1+4AP&country=GB"
    ),
}


def rows() -> list[Row]:
    """Return the rows of the pages."""
    others = " ".join([NO_SUCH_METHOD] * len(PEOPLE))
    return read_table(MATRIX, PEOPLE, bodies=BODIES, addresses={}, others=others)
