"""Orders by the verb itself, from as many threads as `THREADS` says: the shop without its HTTP."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from load.bench import shots
from shop.api import tokens
from shop.api.order_bodies import placed_answer
from shop.checkout import actions as checkout
from shop.checkout.rules import Buyer, Draft, Key
from shop.lib.thread_turns import turn
from shop.orders.rules import PaymentMethod, PostalAddress


def place(
    pairs: Sequence[tuple[str, str]], *, at: float, from_: float, until: float
) -> dict[str, Any]:
    """Order these carts, beginning at a time of the clock and ending at another one.

    Returns how many were placed, and how long each of those took that were placed from `from_` on.
    """
    drafts = iter([_draft(token, cart) for token, cart in pairs])
    hand, times, placed = threading.Lock(), list[float](), list[None]()

    def work() -> None:
        while (draft := _next(drafts, hand)) is not None and time.time() < until:
            began = time.perf_counter()
            # Like the threads that answer requests (`novashop/wsgi.py`).
            with turn():
                checkout.place_order(draft=draft)
            placed.append(None)
            if from_ <= time.time() <= until:
                times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(settings.THREADS)]
    time.sleep(max(at - time.time(), 0.0))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"placed": len(placed), "times": times}


def _next(drafts: Iterator[Draft], hand: threading.Lock) -> Draft | None:
    with hand:
        return next(drafts, None)


def _draft(token: str, cart: str) -> Draft:
    claims = tokens.read_access(token)
    return Draft(
        buyer=Buyer(
            email="maya@example.org",
            address=PostalAddress(**shots.ADDRESS),
            user_id=claims.user_id,
            token_version=claims.version,
        ),
        payment_method=PaymentMethod.ON_DELIVERY,
        cart_id=UUID(cart),
        key=Key(scope=f"user:{claims.user_id}", key=str(uuid4()), body_hash="0" * 64),
        answer=placed_answer,
    )
