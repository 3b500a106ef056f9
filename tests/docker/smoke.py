"""What a shop that was just opened must do, asked through its nginx, as visitors ask."""

import re
import uuid

from tests.docker.engine import CheckError
from tests.stack.visiting import Answer, Visitor

# Of the demo; everybody knows them.
SHOPPER = "maya"
PASSWORD = "tern-and-tide"
HOME = {
    "name": "Gus Guest",
    "line1": "1 Long Road",
    "city": "Leeds",
    "postcode": "LS1 4AP",
    "country": "GB",
}
GUEST = "guest@example.com"


def smoke(url: str) -> list[int]:
    """Look around, sign in and order, as a person and as a program; return the orders' ids.

    Raises CheckError at the first answer that is wrong.
    """
    look_around(Visitor(url))
    sign_in(Visitor(url))
    return [order_as_guest(Visitor(url)), order_by_api(Visitor(url))]


def look_around(visitor: Visitor) -> None:
    home = wanted(visitor.get("/"), 200, "</html>")
    stylesheet = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', home.text)
    if not stylesheet:
        raise CheckError("the first page names no file with a hash in its name")
    sent = wanted(visitor.get(stylesheet[1]), 200)
    if "immutable" not in str(sent.headers["Cache-Control"]):
        raise CheckError(f"{stylesheet[1]} may not be kept for ever")
    shelf = wanted(visitor.get("/products/?in_stock=1"), 200, "</html>")
    wanted(visitor.get(f"/products/{_first_product(shelf)}/"), 200, "Add to cart")
    wanted(visitor.get("/search/?q=mug"), 200)
    wanted(visitor.get("/api/schema/"), 200)
    wanted(visitor.get("/nowhere/at/all/"), 404)
    wanted(visitor.get("/readyz"), 200, '"cache": "ok"')
    wanted(visitor.get("/metrics"), 403)


def sign_in(visitor: Visitor) -> None:
    signed_in = visitor.form("/accounts/login/", username=SHOPPER, password=PASSWORD)
    wanted(signed_in, 200, "</html>")
    if "/accounts/login/" in signed_in.url:
        raise CheckError("the demo's shopper cannot sign in")
    wanted(visitor.get("/orders/"), 200)


def order_as_guest(visitor: Visitor) -> int:
    """Buy by the pages alone; their forms are believed only from the shop's own address."""
    product = _first_product(visitor.get("/products/?in_stock=1"))
    wanted(visitor.form(f"/cart/add/{product}/", quantity="1"), 200)
    bought = visitor.form("/checkout/", payment="on_delivery", email=GUEST, **HOME)
    found = re.search(r"/orders/(\d+)/", wanted(bought, 200).url)
    if not found:
        raise CheckError(f"the checkout led to {bought.url}, and not to an order")
    return int(found[1])


def order_by_api(visitor: Visitor) -> int:
    """Buy as a program does, and send the order twice: it stays one."""
    tokens = wanted(visitor.send("/api/login/", {"username": SHOPPER, "password": PASSWORD}), 200)
    bearer = {"Authorization": f"Bearer {tokens.json['access']}"}
    # A shopper has one cart, and several programs may be trying this.
    cart = wanted(visitor.send("/api/carts/", {}, **bearer), 200, 201).json["id"]
    product = visitor.get("/api/products/?in_stock=1").json["results"][-1]["id"]
    line = {"product": product, "quantity": 1}
    wanted(visitor.send(f"/api/carts/{cart}/lines/", line, **bearer), 200, 201)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    wish = {"cart": cart, "address": HOME}
    placed = wanted(visitor.send("/api/orders/", wish, **bearer, **key), 201)
    again = wanted(visitor.send("/api/orders/", wish, **bearer, **key), 201)
    if placed.text != again.text:
        raise CheckError("an order that was sent twice got two answers")
    return int(placed.json["id"])


def orders_of_shopper(visitor: Visitor) -> set[int]:
    tokens = wanted(visitor.send("/api/login/", {"username": SHOPPER, "password": PASSWORD}), 200)
    bearer = {"Authorization": f"Bearer {tokens.json['access']}"}
    found = wanted(visitor.get("/api/orders/?page_size=100", **bearer), 200).json["results"]
    return {int(order["id"]) for order in found}


def wanted(answer: Answer, *what: int | str) -> Answer:
    """Return the answer if its status is one of the numbers, and it says the text."""
    if answer.status not in what:
        raise CheckError(f"{answer.url} answers {answer.status}: {answer.text[:300]}")
    for text in what:
        if isinstance(text, str) and text not in answer.text:
            raise CheckError(f"{answer.url} does not say {text!r}: {answer.text[:300]}")
    return answer


def _first_product(page: Answer) -> str:
    found = re.search(r'href="/products/(\d+)/"', wanted(page, 200).text)
    if not found:
        raise CheckError(f"{page.url} shows no product")
    return found[1]
