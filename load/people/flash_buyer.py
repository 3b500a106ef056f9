"""Somebody who wants the one thing of which there is little, at the moment it is offered."""

import random
import time
import uuid
from decimal import Decimal

from locust import task

from load.answers import Answer, Json, Refusal, check, created, created_or_no
from load.catalogue import Product, Variant
from load.journal import Acknowledged
from load.people.buyer import ADDRESS, typed
from load.people.shopper import Shopper
from load.people.world import new_name

# All come at the same moment, and again so many seconds later, until there is none left.
_WAVE_SECONDS = 5.0
_API_ADDRESS = {key: value for key, value in ADDRESS.items() if key != "postcode"}


class FlashBuyer(Shopper):
    """Buys as a guest, by page or API, without a pause; then the next one, until it is sold out."""

    weight = 8
    step = (0.0, 0.2)
    takes_no = True

    @task
    def buy(self) -> None:
        wait = _WAVE_SECONDS - time.time() % _WAVE_SECONDS
        self.think(wait, wait)
        buy = self._buy_by_page if random.random() < 0.5 else self._buy_by_api
        # One after the other: who was refused waits for the next wave, in case some came back.
        while buy():
            self.think(*self.step)
        self.pause = (0.0, 0.0)

    @property
    def _wanted(self) -> Product:
        return self.world.catalogue.flash

    def _buy_by_page(self) -> bool:
        """Order one; tell whether that worked."""
        self.arrive()
        page = self.see_product(self._wanted)
        if page.form is None:
            return False
        put = self.put_in_cart(self._wanted, page.form, 1)
        if isinstance(put, Refusal):
            return False
        cart = self.see_cart({put: 1})
        form = self.see_checkout(cart.total)
        if isinstance(form, Refusal):
            return False
        fields = typed(form.fields, f"{new_name()}@example.com")
        return not isinstance(self.place_order(fields, total=cart.total, units={put: 1}), Refusal)

    def _buy_by_api(self) -> bool:
        path, name = f"/api/products/{self._wanted.id}/", "api /api/products/[id]/"
        body = self.ask("GET", path, name=name, read=Answer.json)
        left = [each for each in body["variants"] if each["stock"]]
        if not left:
            return False
        variant = self._wanted.variant(random.choice(left)["id"])
        name = "change /api/carts/"
        opened = self.ask("POST", "/api/carts/", name=name, read=created, json={})
        return self._fill_by_api(opened["id"], variant)

    def _fill_by_api(self, cart: str, variant: Variant) -> bool:
        form, name = {"variant": variant.id, "quantity": 1}, "change /api/carts/[id]/lines/"
        path = f"/api/carts/{cart}/lines/"
        line = self.ask("POST", path, name=name, read=created_or_no, json=form)
        return not isinstance(line, Refusal) and self._order_by_api(cart, variant)

    def _order_by_api(self, cart: str, variant: Variant) -> bool:
        form = {
            "cart": cart,
            "email": f"{new_name()}@example.com",
            "address": _API_ADDRESS,
            "expected_total": str(variant.price),
        }

        def reading(answer: Answer) -> Json | Refusal:
            order = created_or_no(answer)
            if isinstance(order, dict):
                check(Decimal(order["total"]) == variant.price, f"it costs {order['total']}")
                units = [(line["variant"], line["quantity"]) for line in order["lines"]]
                check(units == [(variant.id, 1)], f"{units} were ordered")
            return order

        key, name = {"Idempotency-Key": str(uuid.uuid4())}, "order /api/orders/"
        order = self.ask("POST", "/api/orders/", name=name, read=reading, json=form, headers=key)
        if isinstance(order, Refusal):
            return False
        units, total = {variant.id: 1}, str(variant.price)
        self.world.journal.acknowledged(Acknowledged(order["id"], total, units, order["number"]))
        return True
