"""From drafts to orders: a constant number of queries for any number of drafts and lines.

First everything is read and planned without a lock, so that hopeless drafts cost nothing more.
Then, in one durable transaction: claim keys, lock carts and stock in key order, read prices again,
decide draft by draft in order of arrival, and write all orders together (docs/promises/stock.md).
"""

import logging
from collections.abc import Sequence

from django.db import Error as AnyDatabaseError
from django.db import connection

from shop.cart.errors import CartIsOrdered
from shop.checkout.actions import attempts, counting, planning
from shop.checkout.actions.planning import Readings
from shop.checkout.actions.writing import Candidate, write_orders
from shop.checkout.errors import AlreadyOrdered, CheckoutFailed
from shop.checkout.rules import Draft, Outcome, Placed, Refused, Replayed
from shop.lib.batches import isolate_failures
from shop.lib.refusals import Away, Busy, Refusal
from shop.lib.transactions import is_conflict, refusal_of, retry_conflicts
from shop.orders import queries as orders

logger = logging.getLogger(__name__)


def commit_orders(*, drafts: Sequence[Draft]) -> list[Outcome]:
    """Turn drafts into orders together; answer each of them, in their order.

    Each is placed or refused by itself: a bad draft does not hurt its neighbours. Equal drafts
    (same key, same body) share one answer. Raises RuntimeError inside another transaction.
    """
    outcomes: dict[int, Outcome] = {}
    left = list(range(len(drafts)))
    while left:
        leaders, twins, left = _without_rivals(left, drafts)
        placed = _commit_distinct([drafts[index] for index in leaders])
        outcomes.update(zip(leaders, placed, strict=True))
        for index, leader in twins.items():
            outcomes[index] = _shared(outcomes[leader])
    return [outcomes[index] for index in range(len(drafts))]


def _without_rivals(
    indexes: Sequence[int], drafts: Sequence[Draft]
) -> tuple[list[int], dict[int, int], list[int]]:
    """Pick drafts of which no two want the same origin or key.

    Returns them, the equal ones that will share their answer (index to index), and the rest, which
    is decided when the first of its rivals has been.
    """
    leader_of: dict[object, int] = {}
    taken: set[object] = set()
    leaders: list[int] = []
    twins: dict[int, int] = {}
    later: list[int] = []
    for index in indexes:
        draft = drafts[index]
        claims = {draft.origin, draft.key and (draft.key.scope, draft.key.key)} - {None}
        identity = (draft.origin, draft.key)
        if draft.key is not None and identity in leader_of:
            twins[index] = leader_of[identity]
        elif claims & taken:
            later.append(index)
        else:
            leaders.append(index)
            leader_of[identity] = index
            taken |= claims
    return leaders, twins, later


def _shared(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Placed):
        return Replayed(order_id=outcome.order_id, answer=outcome.answer)
    return outcome


def _commit_distinct(drafts: Sequence[Draft]) -> list[Outcome]:
    """Commit drafts that do not rival each other."""
    readings = planning.read(drafts)
    outcomes: dict[str, Outcome] = {}
    candidates: list[Candidate] = []
    for draft in drafts:
        try:
            candidates.append(Candidate(draft, readings.plan(draft)))
        except Refusal as refusal:
            outcomes[draft.origin] = Refused(refusal)
    _replay_refused([draft for draft in drafts if draft.origin in outcomes], outcomes)
    if candidates:
        committed = isolate_failures(
            candidates,
            work=lambda batch: _commit_or_give_way(batch, readings),
            fallback=_give_up,
            failures=(Exception,),
        )
        for candidate, outcome in zip(candidates, committed, strict=True):
            outcomes[candidate.draft.origin] = outcome
    _name_orders_of_refused_carts(outcomes)
    return [outcomes[draft.origin] for draft in drafts]


def _replay_refused(drafts: Sequence[Draft], outcomes: dict[str, Outcome]) -> None:
    """Give refused drafts the answer under their key, if any: a refused draft may be a retry."""
    answered = attempts.stored_answers(drafts)
    for draft in drafts:
        outcomes[draft.origin] = attempts.replay(draft, answered) or outcomes[draft.origin]


def _name_orders_of_refused_carts(outcomes: dict[str, Outcome]) -> None:
    """Say which order a cart has become already, so that its buyer can be shown it."""
    ordered = [
        origin
        for origin, outcome in outcomes.items()
        if isinstance(outcome, Refused) and isinstance(outcome.refusal, CartIsOrdered)
    ]
    if ordered:
        for origin, order_id in orders.ids_by_origin(ordered).items():
            outcomes[origin] = Refused(AlreadyOrdered(order_id=order_id))


def _commit_or_give_way(batch: Sequence[Candidate], readings: Readings) -> list[Outcome]:
    """Commit; where the database is away, or others keep it, everybody may try again later."""
    try:
        with counting.transaction_of(batch):
            outcomes = retry_conflicts(lambda: write_orders(batch, readings))
    except AnyDatabaseError as error:
        # What conflicts with others time and again may do so no more in smaller batches.
        refusal = None if is_conflict(error) else refusal_of(error)
        if refusal is None:
            raise
        logger.warning("a batch of %s orders was refused: %s", len(batch), error)
        return _look_for(batch) if isinstance(refusal, Away) else [Refused(refusal) for _ in batch]
    counting.count(batch, outcomes)
    return outcomes


def _look_for(batch: Sequence[Candidate]) -> list[Outcome]:
    """Refuse a whole batch, but for the orders that are there all the same.

    When the connection breaks during the commit, only the database knows whether it was done.
    """
    try:
        found = _orders_from([candidate.draft.origin for candidate in batch])
    except AnyDatabaseError:
        found = {}
    order_ids = [found.get(candidate.draft.origin) for candidate in batch]
    return [Refused(AlreadyOrdered(order_id=id_) if id_ else Away()) for id_ in order_ids]


def _give_up(candidate: Candidate, failure: Exception) -> Outcome:
    """Answer for a draft that the database refuses even by itself.

    Somebody else was faster, or the connection broke when the order had been written already: in
    both cases there is an order to lead to.
    """
    origin = candidate.draft.origin
    try:
        order_id = _orders_from([origin]).get(origin)
    except AnyDatabaseError:
        return Refused(Away())
    if order_id is not None:
        return Refused(AlreadyOrdered(order_id=order_id))
    if is_conflict(failure):
        return Refused(Busy())
    logger.error("order from %s failed", origin, exc_info=failure)
    return Refused(CheckoutFailed())


def _orders_from(origins: Sequence[str]) -> dict[str, int]:
    """Return the orders that came from there, by origin; on a new connection if ours broke."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    return orders.ids_by_origin(origins)
