"""A program that shops through the API, with tokens."""

import random
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlsplit

from locust import task

from load.answers import Answer, Json, Refusal, check, created, created_or_no
from load.catalogue import Product, Variant
from load.journal import Acknowledged
from load.people.person import Person
from load.people.world import PASSWORD, Account, new_account

Read = TypeVar("Read")

# Access tokens count for ten minutes. Cautious programs renew them long before; some run for a
# minute only, and would never renew one otherwise.
_TOKEN_SECONDS = 600
_SOONEST, _LATEST = 20, 570


class Client(Person):
    """Reads lists page by page; signs in when it buys, cancels or writes a review.

    Each program has an account of its own, and opens it.
    """

    weight = 12
    pause = (1.0, 3.0)

    def on_start(self) -> None:
        super().on_start()
        self._tokens: Json = {}
        self._signed_in_at = 0.0
        self._caution = random.uniform(_SOONEST, _LATEST)
        self._reviewed: set[int] = set()
        self._account: Account | None = None

    @task(6)
    def read_products(self) -> None:
        address, seen = "/api/products/", set[int]()

        def reading(answer: Answer) -> Json:
            page = answer.json()
            ids = {row["id"] for row in page["results"]}
            check(bool(ids), "a page of the list is empty")
            check(not ids & seen, "a product is on two pages of the list")
            seen.update(ids)
            return page

        for _ in range(random.randint(1, 3)):
            page = self._read(address, name="api /api/products/", read=reading)
            if not page["next"]:
                return
            self.think(1.0, 3.0)
            address = _path(page["next"])

    @task(6)
    def read_product(self) -> None:
        product = random.choice(self.world.catalogue.products)

        def reading(answer: Answer) -> None:
            body = answer.json()
            check(body["name"].split() == product.name.split(), "the name of another product")
            prices = {each["id"]: Decimal(each["price"]) for each in body["variants"]}
            known = {each.id: each.price for each in product.variants}
            check(prices == known, f"the prices of product {product.id} are {prices}")

        self._read(f"/api/products/{product.id}/", name="api /api/products/[id]/", read=reading)

    @task(1)
    def read_reviews(self) -> None:
        product = random.choice(self.world.catalogue.products)

        def reading(answer: Answer) -> None:
            products = {row["product"] for row in answer.json()["results"]}
            check(products <= {product.id}, "reviews of another product")

        self._read(f"/api/reviews/?product={product.id}", name="api /api/reviews/", read=reading)

    @task(3)
    def buy(self) -> None:
        cart = self._empty_cart()
        units: dict[int, int] = {}
        total = Decimal(0)
        for product in random.sample(self.world.catalogue.for_buyers, k=random.randint(1, 2)):
            variant = random.choice(product.in_stock)
            count = random.randint(1, 2)
            total += variant.price * count
            if isinstance(self._put(cart, product, variant, count, total), Refusal):
                return
            units[variant.id] = count
            self.think(1.0, 2.0)
        self._order(cart, total, units)

    @task(1)
    def review(self) -> None:
        product = random.choice(self.world.catalogue.products)
        if product.id in self._reviewed:
            return
        form = {"product": product.id, "rating": random.randint(3, 5), "text": "As described."}

        def reading(answer: Answer) -> None:
            body = answer.json(201)
            check(
                (body["product"], body["rating"]) == (product.id, form["rating"]), "another review"
            )

        # Who gets no answer does not know whether it was written, and leaves it at that.
        self._reviewed.add(product.id)
        self._call("POST", "/api/reviews/", name="change /api/reviews/", read=reading, json=form)

    def _empty_cart(self) -> str:
        def opening(answer: Answer) -> Json:
            body = answer.json(201)
            check(Decimal(body["total"]) == _sum(body["lines"]), "the cart does not add up")
            return body

        name = "change /api/carts/"
        cart = self._call("POST", "/api/carts/", name=name, read=opening, json={})
        if cart["lines"]:
            address, gone = f"/api/carts/{cart['id']}/", "change /api/carts/[id]/"
            self._call("DELETE", address, name=gone, read=lambda answer: answer.expect(204))
            cart = self._call("POST", "/api/carts/", name=name, read=opening, json={})
        return str(cart["id"])

    def _put(
        self, cart: str, product: Product, variant: Variant, count: int, total: Decimal
    ) -> Json | Refusal:
        def reading(answer: Answer) -> Json | Refusal:
            line = self._made(answer)
            if isinstance(line, Refusal):
                return line
            check(line["product"] == product.id, "another product is in the cart")
            check(
                Decimal(line["amount"]) == variant.price * count, f"the line costs {line['amount']}"
            )
            check(
                Decimal(line["cart"]["total"]) == total, f"the cart costs {line['cart']['total']}"
            )
            return line

        form = {"product": product.id, "variant": variant.id, "quantity": count}
        name = "change /api/carts/[id]/lines/"
        return self._call("POST", f"/api/carts/{cart}/lines/", name=name, read=reading, json=form)

    def _order(self, cart: str, total: Decimal, units: dict[int, int]) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        address = {
            "name": "Robin Load",
            "line1": "7 Harbour Row",
            "city": "Whitby",
            "country": "GB",
        }
        form = {"cart": cart, "address": address, "expected_total": str(total)}

        def placing(answer: Answer) -> tuple[Json, bytes] | Refusal:
            order = self._made(answer)
            if isinstance(order, Refusal):
                return order
            found = {line["variant"]: line["quantity"] for line in order["lines"]}
            check(found == units, f"ordered {found} instead of {units}")
            check(Decimal(order["total"]) == total, f"the order costs {order['total']}")
            return order, answer.body

        name = "order /api/orders/"
        placed = self._call("POST", "/api/orders/", name=name, read=placing, json=form, headers=key)
        if isinstance(placed, Refusal):
            return
        order, said = placed
        acknowledged = Acknowledged(order["id"], str(total), units, order["number"])
        self.world.journal.acknowledged(acknowledged)
        if random.random() < 0.3:
            self._repeat(form, key, said)
        self.think(1.0, 3.0)
        self._see(order)
        if random.random() < 0.15:
            self._cancel(order["id"])

    def _made(self, answer: Answer) -> Json | Refusal:
        """Return what was made; too little may be left where there was not plenty."""
        return created(answer) if self.world.catalogue.has_plenty else created_or_no(answer)

    def _repeat(self, form: Json, key: dict[str, str], said: bytes) -> None:
        """Send the same order again: the answer has to be the same, byte for byte."""

        def reading(answer: Answer) -> None:
            answer.expect(201)
            check(answer.body == said, "another answer to the same key")
            is_told = answer.headers.get("idempotency-replayed") == "true"
            check(is_told, "the answer does not say that it was given before")

        name = "order /api/orders/ again"
        self._call("POST", "/api/orders/", name=name, read=reading, json=form, headers=key)

    def _see(self, order: Json) -> None:
        def reading(answer: Answer) -> None:
            body = answer.json()
            fields = ("number", "total", "lines", "status")
            same = all(body[field] == order[field] for field in fields)
            check(same, "the order is not what it was when it was placed")

        name = "api /api/orders/[id]/"
        self._call("GET", f"/api/orders/{order['id']}/", name=name, read=reading)

    def _cancel(self, order_id: int) -> None:
        def reading(answer: Answer) -> None:
            check(answer.json()["status"] == "Canceled", "the canceled order is not canceled")

        name = "change /api/orders/[id]/cancel/"
        self._call("POST", f"/api/orders/{order_id}/cancel/", name=name, read=reading, json={})
        self.world.journal.canceled(order_id)

    def _call(
        self,
        method: str,
        path: str,
        *,
        name: str,
        read: Callable[[Answer], Read],
        json: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> Read:
        """Ask as a user, with a token that is good for a while."""
        if self._account is None:
            self._account = self._register(new_account())
        if not self._tokens:
            self._sign_in(self._account)
        elif time.monotonic() - self._signed_in_at > min(self._caution, _TOKEN_SECONDS - 30):
            self._renew()
        all_headers = {**self._bearer(), **(headers or {})}
        return self.ask(method, path, name=name, read=read, json=json, headers=all_headers)

    def _read(self, path: str, *, name: str, read: Callable[[Answer], Read]) -> Read:
        """Read what is for everybody; as a user, once signed in."""
        if self._tokens:
            return self._call("GET", path, name=name, read=read)
        return self.ask("GET", path, name=name, read=read)

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens['access']}"}

    def _register(self, account: Account) -> Account:
        form = {"username": account.username, "email": account.email, "password": PASSWORD}

        def reading(answer: Answer) -> None:
            check(answer.json(201)["username"] == account.username, "another account")

        self.ask("POST", "/api/register/", name="door /api/register/", read=reading, json=form)
        return account

    def _sign_in(self, account: Account) -> None:
        form = {"username": account.username, "password": PASSWORD}
        self._take("/api/login/", form, name="door /api/login/")

    def _renew(self) -> None:
        form = {"refresh": self._tokens["refresh"]}
        # It counts once: whoever gets no answer has to sign in.
        self._tokens = {}
        self._take("/api/token/refresh/", form, name="change /api/token/refresh/")

    def _take(self, path: str, form: Json, *, name: str) -> None:
        def reading(answer: Answer) -> Json:
            pair = answer.json()
            check(bool(pair["access"] and pair["refresh"]), "there are no tokens")
            check(pair["refresh"] != form.get("refresh"), "the refresh token is the old one")
            return pair

        self._tokens = self.ask("POST", path, name=name, read=reading, json=form)
        self._signed_in_at = time.monotonic()


def _sum(lines: list[Json]) -> Decimal:
    return sum((Decimal(line["price"]) * line["quantity"] for line in lines), Decimal(0))


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
