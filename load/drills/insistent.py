"""Somebody who has filled a cart and wants it ordered: who is not answered, asks again."""

import time
import uuid

from locust import task
from locust.exception import RescheduleTask

from load.answers import Answer, Json
from load.drills.carts import full_carts
from load.journal import Acknowledged
from load.people.buyer import ADDRESS
from load.people.person import Person

# So long one order takes its buyer, where the shop lets it.
_SECONDS_EACH = 1.0
_PAUSE = 0.5
# Sent so often, in vain, it is no use any more: the next cart.
_MOST_TRIES = 400


class Insistent(Person):
    """Orders a full cart, once a second, as programs do: again with the same key until answered."""

    pause = (_SECONDS_EACH, _SECONDS_EACH)

    @task
    def order(self) -> None:
        began = time.monotonic()
        if (found := full_carts.next()) is not None:
            self._order(*found)
        left = max(0.0, began + _SECONDS_EACH - time.monotonic())
        self.pause = (left, left)

    def _order(self, token: str, cart: str) -> None:
        form = {"cart": cart, "payment": "on_delivery", "address": ADDRESS}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
        name = "order /api/orders/"
        for _ in range(_MOST_TRIES):
            try:
                order: Json = self.ask(
                    "POST", "/api/orders/", name=name, read=_placed, json=form, headers=headers
                )
            except RescheduleTask:
                name = "order /api/orders/ again"
                self.think(_PAUSE, _PAUSE)
                continue
            self._note(order)
            return

    def _note(self, order: Json) -> None:
        units = {line["variant"]: line["quantity"] for line in order["lines"]}
        acknowledged = Acknowledged(order["id"], order["total"], units, order["number"])
        self.world.journal.acknowledged(acknowledged)


def _placed(answer: Answer) -> Json:
    return answer.json(201)
