"""Many drafts at once: constant queries, and each draft answered by itself."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from shop.checkout.actions import commit_orders, committing, place_order, writing
from shop.checkout.errors import AlreadyOrdered, CheckoutFailed, KeyReused
from shop.checkout.models import Attempt
from shop.checkout.rules import AgreedLine, Buyer, Draft, Outcome, Placed, Refused, Replayed
from shop.events.models import Event
from shop.inventory.errors import NotEnoughStock
from shop.lib.refusals import Away, Busy
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod, PostalAddress
from tests.builders import draft_of, fill_cart, limit_purchases, put_on_sale, stock_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

# What one order of a signed-in buyer's cart asks the database, in order.
PLACE_ORDER = [
    "SELECT cart_cart",  # the cart with its lines and prices, without a lock
    "INSERT checkout_attempt",  # claim the key
    "SELECT checkout_attempt",  # whose it is now
    "SELECT cart_cart FOR UPDATE",
    "SELECT inventory_stocklevel FOR UPDATE",
    "SELECT cart_cart",  # the prices of this moment
    "SELECT accounts_user",  # may the buyer still order
    "UPDATE inventory_stocklevel",
    "INSERT orders_order",
    "INSERT orders_orderline",
    "INSERT orders_allocation",
    "INSERT events_event",
    "UPDATE checkout_attempt",  # the answer under its key
    "UPDATE cart_cart",
]
# What limits for each customer add to it, where something limited is bought.
CLAIM = ["INSERT checkout_allowance", "SELECT checkout_allowance"]
USE = ["INSERT checkout_allowanceuse"]
# What is done with what the cart holds; all of it is promised already.
REDEEM = ["SELECT inventory_hold", "DELETE inventory_hold"]
SELLS_OUT = [
    "SELECT catalog_product FOR UPDATE",
    "UPDATE catalog_product",
]


@contextmanager
def queries_are(expected: Sequence[str]) -> Iterator[None]:
    """Assert that exactly these queries are made, transactions and savepoints left aside."""
    with CaptureQueriesContext(connection) as captured:
        yield
    assert [name for query in captured if (name := _name(query["sql"]))] == list(expected)


def _name(sql: str) -> str:
    """Return what a query does to which table, leaving its subqueries aside."""
    plain = re.sub(r"['\"`]", "", sql)
    while plain != (plain := re.sub(r"\([^()]*\)", "", plain)):
        pass
    found = re.match(
        r"(SELECT)\b.*?\bFROM (\w+)|(INSERT)\b.*? INTO (\w+)"
        r"|(UPDATE) (?:JSON_TABLE AS d STRAIGHT_JOIN )?(\w+)"
        r"|(DELETE) FROM (\w+)",
        plain,
    )
    if not found:
        return ""
    verb, table = (word for word in found.groups() if word)
    return f"{verb} {table}" + (" FOR UPDATE" if plain.endswith("FOR UPDATE") else "")


def as_asked(queries: Sequence[str]) -> list[str]:
    """Return the queries as this database is asked them: SQLite knows no row locks."""
    if connection.features.has_select_for_update:
        return list(queries)
    return [query.removesuffix(" FOR UPDATE") for query in queries]


@pytest.fixture
def variants(db: None) -> list[int]:
    return [put_on_sale(f"thing{number}", stock=1000) for number in range(50)]


@pytest.mark.parametrize("lines", [1, 50])
def test_placing_an_order_costs_fourteen_queries(
    lines: int, variants: list[int], alice: Any
) -> None:
    cart_id = fill_cart(dict.fromkeys(variants[:lines], 2), user=alice)
    draft = draft_of(cart_id, user=alice, key="k")

    with queries_are(as_asked(PLACE_ORDER)):
        place_order(draft=draft)


def test_a_threshold_that_is_crossed_costs_nothing_more(alice: Any) -> None:
    mug = put_on_sale("mug", stock=7)
    draft = draft_of(fill_cart({mug: 3}, user=alice), user=alice, key="k")

    with queries_are(as_asked(PLACE_ORDER)):
        place_order(draft=draft)

    assert set(Event.objects.values_list("name", flat=True)) >= {"stock.low", "order.placed"}


def test_selling_out_costs_two_more(alice: Any) -> None:
    mug = put_on_sale("mug", stock=2)
    draft = draft_of(fill_cart({mug: 2}, user=alice), user=alice, key="k")
    place = PLACE_ORDER.index("UPDATE inventory_stocklevel") + 1

    with queries_are(as_asked([*PLACE_ORDER[:place], *SELLS_OUT, *PLACE_ORDER[place:]])):
        place_order(draft=draft)


def limited(queries: Sequence[str]) -> list[str]:
    """Return the queries with those of limits in their places."""
    stock = queries.index("SELECT inventory_stocklevel FOR UPDATE")
    told = queries.index("INSERT events_event") + 1
    return [*queries[:stock], *CLAIM, *queries[stock:told], *USE, *queries[told:]]


@pytest.mark.parametrize("lines", [1, 50])
def test_limits_for_each_customer_cost_three_more(
    lines: int, variants: list[int], alice: Any
) -> None:
    for variant in variants[:lines]:
        limit_purchases(variant, order_limit=5, customer_limit=9)
    cart_id = fill_cart(dict.fromkeys(variants[:lines], 2), user=alice)
    draft = draft_of(cart_id, user=alice, key="k")

    with queries_are(as_asked(limited(PLACE_ORDER))):
        place_order(draft=draft)


def test_what_is_held_costs_one_more_since_it_is_promised_already(
    variants: list[int], alice: Any
) -> None:
    for variant in variants[:20]:
        limit_purchases(variant, hold_minutes=5)
    cart_id = fill_cart(dict.fromkeys(variants[:20], 2), user=alice)
    draft = draft_of(cart_id, user=alice, key="k")
    place = PLACE_ORDER.index("UPDATE inventory_stocklevel")

    with queries_are(as_asked([*PLACE_ORDER[:place], *REDEEM, *PLACE_ORDER[place + 1 :]])):
        place_order(draft=draft)


def test_a_limit_of_an_order_costs_nothing(variants: list[int], alice: Any) -> None:
    limit_purchases(variants[0], order_limit=5)
    draft = draft_of(fill_cart({variants[0]: 2}, user=alice), user=alice, key="k")

    with queries_are(as_asked(PLACE_ORDER)):
        place_order(draft=draft)


def test_a_limited_batch_of_64_costs_what_one_does(variants: list[int]) -> None:
    limit_purchases(variants[0], customer_limit=1_000)
    drafts = [draft_of(fill_cart({variants[0]: 1, variants[1]: 1}), key="k") for _ in range(64)]

    with CaptureQueriesContext(connection) as captured:
        outcomes = commit_orders(drafts=drafts)

    assert kinds(outcomes) == ["Placed"] * 64
    guests = [name for name in limited(PLACE_ORDER) if name != "SELECT accounts_user"]
    assert list(dict.fromkeys(name for query in captured if (name := _name(query["sql"])))) == (
        list(dict.fromkeys(as_asked(guests)))
    )


def test_a_batch_of_64_costs_what_one_does(variants: list[int]) -> None:
    drafts = [
        draft_of(fill_cart({variants[number % 50]: 1, variants[number % 7]: 2}), key="k")
        for number in range(64)
    ]

    with CaptureQueriesContext(connection) as captured:
        outcomes = commit_orders(drafts=drafts)

    assert kinds(outcomes) == ["Placed"] * 64
    asked = [name for query in captured if (name := _name(query["sql"]))]
    guests = [name for name in as_asked(PLACE_ORDER) if name != "SELECT accounts_user"]
    if connection.vendor == "sqlite":
        # SQLite takes so many parameters a query, and Django splits what is too long.
        asked = list(dict.fromkeys(asked))
        guests = list(dict.fromkeys(guests))
    assert asked == guests


def agreed(origin: str, variant_id: int, quantity: int = 1, price: str = "5.00") -> Draft:
    return Draft(
        buyer=Buyer(email="", address=PostalAddress()),
        payment_method=PaymentMethod.ELSEWHERE,
        origin=origin,
        lines=(AgreedLine(variant_id, quantity, Decimal(price)),),
    )


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        type(outcome.refusal if isinstance(outcome, Refused) else outcome).__name__
        for outcome in outcomes
    ]


def test_drafts_are_decided_in_order_of_arrival() -> None:
    mug = put_on_sale("mug", stock=5)

    outcomes = commit_orders(
        drafts=[agreed("a", mug, 2), agreed("b", mug, 4), agreed("c", mug, 3), agreed("d", mug, 1)]
    )

    assert kinds(outcomes) == ["Placed", "StockChanged", "Placed", "StockChanged"]
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[1].refusal, NotEnoughStock)
    assert outcomes[1].refusal.available == 3
    assert stock_of(mug) == (5, 5)


def test_nothing_is_nothing() -> None:
    assert commit_orders(drafts=[]) == []


def test_equal_drafts_share_one_answer() -> None:
    mug = put_on_sale("mug")
    draft = draft_of(fill_cart({mug: 1}), key="k")

    first, *others = commit_orders(drafts=[draft] * 10)

    assert isinstance(first, Placed)
    assert others == [Replayed(order_id=first.order_id, answer=first.answer)] * 9
    assert Order.objects.count() == 1


def test_equal_drafts_share_a_refusal_too_and_leave_the_key_free() -> None:
    mug = put_on_sale("mug", price="2.00")
    draft = draft_of(fill_cart({mug: 1}), key="k", expected_total="1.00")

    assert kinds(commit_orders(drafts=[draft] * 3)) == ["TotalChanged"] * 3
    assert Attempt.objects.count() == 0


def test_rivals_for_one_key_are_told_apart_by_their_body() -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})
    drafts = [draft_of(cart_id, key="k", body_hash=letter * 64) for letter in "aba"]

    outcomes = commit_orders(drafts=drafts)

    assert kinds(outcomes) == ["Placed", "KeyReused", "Replayed"]
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[1].refusal, KeyReused)


def test_rivals_for_one_cart_get_one_order() -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})

    outcomes = commit_orders(drafts=[draft_of(cart_id, key=key) for key in "abc"])

    assert kinds(outcomes) == ["Placed", "AlreadyOrdered", "AlreadyOrdered"]
    assert isinstance(outcomes[0], Placed)
    for outcome in outcomes[1:]:
        assert isinstance(outcome, Refused)
        assert isinstance(outcome.refusal, AlreadyOrdered)
        assert outcome.refusal.order_id == outcomes[0].order_id


def test_a_rival_gets_its_chance_when_the_first_is_refused() -> None:
    mug = put_on_sale("mug", price="2.00")
    cart_id = fill_cart({mug: 1})

    outcomes = commit_orders(
        drafts=[
            draft_of(cart_id, key="k", body_hash="a" * 64, expected_total="1.00"),
            draft_of(cart_id, key="k", body_hash="b" * 64, expected_total="2.00"),
        ]
    )

    assert kinds(outcomes) == ["TotalChanged", "Placed"]


def test_a_draft_the_database_refuses_does_not_hurt_its_neighbours() -> None:
    mug = put_on_sale("mug", stock=100)
    drafts = [agreed(f"till:{number}", mug) for number in range(8)]
    # Longer than the column: no rule looks at it, so that only the database says no.
    drafts[5] = agreed("till:" + "5" * 200, mug)
    if connection.vendor == "sqlite":
        drafts[5] = _with_answer_that_fails(drafts[5])

    outcomes = commit_orders(drafts=drafts)

    assert kinds(outcomes) == ["Placed"] * 5 + ["CheckoutFailed"] + ["Placed"] * 2
    assert isinstance(outcomes[5], Refused)
    assert isinstance(outcomes[5].refusal, CheckoutFailed)
    assert Order.objects.count() == 7
    assert stock_of(mug) == (100, 7)


def _with_answer_that_fails(draft: Draft) -> Draft:
    """SQLite takes texts of any length; an answer that cannot be made fails there as well."""

    def fail(_order: object) -> str:
        raise RuntimeError("no answer")

    return Draft(
        buyer=draft.buyer,
        payment_method=draft.payment_method,
        origin=draft.origin,
        lines=draft.lines,
        answer=fail,
    )


def test_an_order_whose_commit_went_through_unheard_is_led_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug")
    draft = draft_of(fill_cart({mug: 1}))
    write_orders = writing.write_orders

    def commit_and_lose_the_connection(*args: Any) -> list[Outcome]:
        write_orders(*args)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(committing, "write_orders", commit_and_lose_the_connection)

    (outcome,) = commit_orders(drafts=[draft])

    (order,) = Order.objects.all()
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, AlreadyOrdered)
    assert outcome.refusal.order_id == order.id


@pytest.mark.parametrize("is_written", [True, False])
def test_a_database_that_goes_away_fails_no_order(
    monkeypatch: pytest.MonkeyPatch, *, is_written: bool
) -> None:
    """Of a whole batch, what was committed is led to, and the others may come again."""
    mug = put_on_sale("mug")
    drafts = [draft_of(fill_cart({mug: 1})) for _ in range(3)]
    write_orders = writing.write_orders
    calls: list[int] = []

    def lose_the_connection(*args: Any) -> list[Outcome]:
        calls.append(1)
        if is_written:
            write_orders(*args)
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(committing, "write_orders", lose_the_connection)

    outcomes = commit_orders(drafts=drafts)

    # Nobody asks again and again, for half a batch and for each of it, while it is away.
    assert calls == [1]
    refusals = [outcome.refusal for outcome in outcomes if isinstance(outcome, Refused)]
    assert [type(refusal) for refusal in refusals] == [AlreadyOrdered if is_written else Away] * 3
    assert Order.objects.count() == (3 if is_written else 0)


def test_an_order_that_conflicts_time_and_again_may_come_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug")

    def conflict(*_: Any) -> list[Outcome]:
        raise OperationalError(1213, "Deadlock found when trying to get lock")

    monkeypatch.setattr(committing, "write_orders", conflict)

    (outcome,) = commit_orders(drafts=[draft_of(fill_cart({mug: 1}))])

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, Busy)
    assert Order.objects.count() == 0
