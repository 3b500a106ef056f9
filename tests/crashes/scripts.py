"""What processes do that are killed: each script is what a buyer, staff or a relay would do.

Whoever starts anew does the same thing from the beginning, as people and schedules do.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import time_machine
from django.test import Client, override_settings
from django.utils import timezone

from shop.api.tests.calling import Api
from shop.checkout import actions as checkout
from shop.checkout.rules import Placed, Replayed
from shop.events import actions as events
from shop.events.rules import EFFECT_LEASE, LEASE, Notice
from shop.lib.refusals import Refusal
from shop.orders import actions as orders
from shop.orders.models import Order, OrderEvent
from tests.builders import draft_of
from tests.crashes.dying import IN_COMMIT, Fate, end_while_it_commits

HEARD = "heard"
IN_A_YEAR = timedelta(days=365)
ADDRESS = {"name": "Alice Able", "line1": "1 High Street", "city": "Leeds", "country": "GB"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What a script is told, and how it says something to the world."""

    facts: dict[str, Any]
    fate: Fate
    say: Callable[..., None]

    def answer(self, text: str) -> None:
        """Give a buyer an answer, before or after which all can end as well."""
        self.fate.pass_by("before the answer")
        self.say(answer=text)
        self.fate.pass_by("after the answer")


def hear(notice: Notice) -> None:
    """Do something with the news of an order, of which can be seen how often it was done."""
    order_id = notice.payload["order_id"]
    OrderEvent.objects.create(order_id=order_id, kind=HEARD, at=timezone.now())


def warm_up() -> None:
    """Get ready to play; load what a first request loads, so that no child has to.

    No database is asked. The shop of whoever imports this module hears of nothing more than before.
    """
    events.on("order.placed")(hear)
    assert Client().get("/healthz").status_code == 200


def play(wish: dict[str, Any], *, say: Callable[..., None]) -> None:
    """Play the script that is wished, up to the point where it ends."""
    tell = partial(_tell, say)
    fate = Fate(end_at=wish["end_at"], tell=tell, torn=wish["torn"])
    if wish["end_at"] == IN_COMMIT:
        end_while_it_commits(tell)
    else:
        fate.watch_new_connections()
    SCRIPTS[wish["script"]](Stage(wish["facts"], fate, say))


def _tell(say: Callable[..., None], point: str) -> None:
    say(point=point)


def order(stage: Stage) -> None:
    """Order a cart by the API, in a process of so many threads."""
    facts = stage.facts
    body = {"cart": facts["cart"], "email": "guest@example.com", "address": ADDRESS}
    with override_settings(THREADS=facts["threads"]):
        response = Api().post("orders/", body, key=facts["key"])
    assert response.status_code == 201, response.content
    stage.answer(response.content.decode())


def order_together(stage: Stage) -> None:
    """Order several carts in one transaction, of which the last one wants too much."""
    carts = stage.facts["carts"]
    drafts = [draft_of(UUID(cart), key=f"key of {cart}") for cart in carts]
    *placed, refused = checkout.commit_orders(drafts=drafts)
    assert not isinstance(refused, Placed | Replayed)
    for outcome in placed:
        assert isinstance(outcome, Placed | Replayed), outcome
        stage.answer(outcome.answer)


def deliver(stage: Stage) -> None:
    """Deliver the news of a queue, when the lease of whoever had claimed it before is over."""
    facts = stage.facts
    later = (LEASE + EFFECT_LEASE) * facts["turn"]
    mail_server = override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=facts.get("port", 0),
    )
    with mail_server, time_machine.travel(timezone.now() + later):
        while events.deliver_due(queue=facts["queue"]):
            pass


def live(stage: Stage) -> None:
    """Take an order through the steps it is to take; those that are done are refused."""
    for step in stage.facts["steps"]:
        with suppress(Refusal):
            STEPS[step](order_ids=[stage.facts["order"]], by=None)
            stage.answer(step)


def expire(stage: Stage) -> None:
    """Cancel what was not paid for, as the schedule does."""
    now = Order.objects.get(id=stage.facts["order"]).placed_at + IN_A_YEAR
    orders.expire_unpaid(now=now)


STEPS: dict[str, Callable[..., None]] = {
    "pay": orders.mark_paid,
    "ship": orders.ship,
    "complete": orders.complete,
    "cancel": orders.cancel,
}
SCRIPTS: dict[str, Callable[[Stage], None]] = {
    "order": order,
    "order_together": order_together,
    "deliver": deliver,
    "live": live,
    "expire": expire,
}
