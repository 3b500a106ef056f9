"""Orders of many threads: written together by one, and nobody else speaks to the database."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from shop.accounts.models import User
from shop.api.tests.calling import Api
from shop.checkout.actions import commit_orders, grouping, place_order
from shop.checkout.models import Attempt
from shop.checkout.rules import Draft, Outcome, Placed
from shop.events.models import Event
from shop.lib import database_thread
from shop.lib.public import generations
from shop.lib.refusals import Busy
from shop.lib.requests import working_for
from shop.orders.models import Order
from shop.storefront.tests.buying import DETAILS, put_in_cart, ticket_of
from tests.builders import draft_of, fill_cart, put_on_sale, stock_of
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lane")]

SPEAKERS = {"order-committer", "database-thread"}


@pytest.fixture
def lane(settings: Any) -> Iterator[None]:
    """A process of many threads, whose own two threads end with the test."""
    settings.THREADS = 32
    settings.MIDDLEWARE = [
        settings.MIDDLEWARE[0],
        "novashop.order_lane.OrderLaneMiddleware",
        *settings.MIDDLEWARE[1:],
    ]
    yield
    for group in (grouping._orders, database_thread._askers, generations._renewals):
        # Their connections would keep the database of the test from being taken away.
        assert group.close(seconds=10)
        group._begin()


@pytest.fixture
def speakers() -> Iterator[set[str]]:
    """Return the names of the threads that connect to the database from now on."""
    names: set[str] = set()
    ensure = BaseDatabaseWrapper.ensure_connection

    def note(self: BaseDatabaseWrapper) -> None:
        names.add(threading.current_thread().name)
        ensure(self)

    with patch.object(BaseDatabaseWrapper, "ensure_connection", note):
        yield names


def test_what_comes_meanwhile_is_written_together_in_order() -> None:
    mug = put_on_sale("mug", stock=5)
    drafts = [draft_of(fill_cart({mug: 1}), key=f"k{number}") for number in range(8)]
    seen: list[int] = []
    may_go = threading.Event()

    def slowly(*, drafts: Sequence[Draft]) -> list[Outcome]:
        seen.append(len(drafts))
        assert may_go.wait(30)
        return commit_orders(drafts=drafts)

    with patch.object(grouping, "commit_orders", slowly), ThreadPoolExecutor(8) as threads:
        first = threads.submit(place_order, draft=drafts[0])
        wait_until(lambda: len(seen) == 1, seconds=30)
        others = []
        for number, draft in enumerate(drafts[1:], start=1):
            others.append(threads.submit(place_order, draft=draft))
            wait_until(lambda number=number: grouping._orders.waiting == number)  # type: ignore[misc]
        may_go.set()
        outcomes = [future.exception() or future.result() for future in (first, *others)]

    assert seen == [1, 7]
    assert [type(outcome).__name__ for outcome in outcomes] == ["Placed"] * 5 + ["StockChanged"] * 3
    assert stock_of(mug) == (5, 5)


def test_each_order_names_the_request_it_was_placed_in() -> None:
    mug = put_on_sale("mug")
    for name in ("a" * 32, "b" * 32):
        with working_for(name):
            place_order(draft=draft_of(fill_cart({mug: 1})))

    placed = Event.objects.filter(name="order.placed").order_by("id")
    assert list(placed.values_list("request_id", flat=True)) == ["a" * 32, "b" * 32]


def test_an_order_by_the_api_asks_the_database_nothing_itself(
    alice: Any, speakers: set[str]
) -> None:
    User.objects.filter(pk=alice.pk).update(city="Leeds", address="1 High Street")
    cart_id = fill_cart({put_on_sale("mug"): 2}, user=alice)
    api = Api(alice)
    connections.close_all()
    speakers.clear()

    first, again = (api.post("orders/", {"cart": str(cart_id)}, key="k") for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert speakers == {"order-committer"}
    assert first.json()["address"]["line1"] == "1 High Street"


def test_the_checkout_form_asks_the_database_nothing_itself(speakers: set[str]) -> None:
    buyer, ticket = _at_the_checkout(put_on_sale("mug"))
    connections.close_all()
    speakers.clear()

    response = buyer.post("/checkout/", DETAILS | {"ticket": ticket})

    assert response.status_code == 302
    assert speakers == {"order-committer"}
    assert Order.objects.count() == 1


def test_a_form_with_a_mistake_is_shown_by_the_thread_that_may_ask(speakers: set[str]) -> None:
    buyer, ticket = _at_the_checkout(put_on_sale("mug"))
    connections.close_all()
    speakers.clear()

    response = buyer.post("/checkout/", DETAILS | {"ticket": ticket, "city": ""})

    assert response.status_code == 422
    assert "Please fill this in." in response.content.decode()
    assert speakers == {"database-thread"}
    assert Order.objects.count() == 0


@pytest.mark.once
def test_the_lane_is_there_for_orders_alone() -> None:
    client = Client()

    for path in ("/", "/products/", "/api/products/", "/api/orders/", "/checkout/", "/admin/"):
        assert client.get(path).status_code == 421, path
    assert client.post("/cart/").status_code == 421
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json()["database"] == "ok"


@pytest.mark.once
def test_past_so_many_that_wait_one_is_asked_to_come_again(monkeypatch: Any) -> None:
    mug = put_on_sale("mug")
    monkeypatch.setattr(grouping._orders, "_most_waiting", 0)

    with pytest.raises(Busy):
        place_order(draft=draft_of(fill_cart({mug: 1}), key="k"))

    assert not Order.objects.exists()
    assert not Attempt.objects.exists()


@pytest.mark.once
def test_whose_turn_does_not_come_in_time_orders_nothing(monkeypatch: Any) -> None:
    mug = put_on_sale("mug")
    monkeypatch.setattr(grouping, "SECONDS_TO_WAIT", 0.05)
    drafts = [draft_of(fill_cart({mug: 1}), key=f"k{number}") for number in range(2)]
    is_writing, may_go = threading.Event(), threading.Event()

    def slowly(*, drafts: Sequence[Draft]) -> list[Outcome]:
        is_writing.set()
        assert may_go.wait(30)
        return commit_orders(drafts=drafts)

    with patch.object(grouping, "commit_orders", slowly), ThreadPoolExecutor(2) as threads:
        first = threads.submit(place_order, draft=drafts[0])
        assert is_writing.wait(30)
        second = threads.submit(place_order, draft=drafts[1])
        assert isinstance(second.exception(timeout=30), Busy)
        may_go.set()
        # What is being written is waited for, however long it takes.
        assert isinstance(first.result(timeout=30), Placed)

    assert Order.objects.count() == 1
    assert list(Attempt.objects.values_list("key", flat=True)) == ["k0"]


def _at_the_checkout(mug: int) -> tuple[Client, str]:
    """Return a guest's browser at the checkout, as the browse lane has served it."""
    buyer = Client()
    threads, settings.THREADS = settings.THREADS, 1
    middleware = settings.MIDDLEWARE
    settings.MIDDLEWARE = [name for name in middleware if "order_lane" not in name]
    try:
        put_in_cart(buyer, mug)
        ticket = ticket_of(buyer)
    finally:
        settings.THREADS, settings.MIDDLEWARE = threads, middleware
    # The handler of a test's client knows the middleware it was made with.
    again = Client()
    again.cookies = buyer.cookies
    return again, ticket


def test_the_committer_does_not_wait_for_the_cache(monkeypatch: Any) -> None:
    """A cache that is told of every order could hold up all that come after it."""
    mug = put_on_sale("mug")
    told: list[str] = []
    monkeypatch.setattr(
        generations, "renew", lambda _: told.append(threading.current_thread().name)
    )

    place_order(draft=draft_of(fill_cart({mug: 1}), key="k"))

    assert generations._renewals.close(seconds=10)
    assert set(told) == {"renewer"}
