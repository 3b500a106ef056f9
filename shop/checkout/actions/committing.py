"""From drafts to orders: a constant number of queries for any number of drafts and lines.

First everything is read and planned without a lock, so that hopeless drafts cost nothing more.
Then, in one durable transaction: claim keys, lock carts and stock in key order, read prices again,
decide draft by draft in order of arrival, and write all orders together (docs/promises/stock.md).
"""

import logging
from collections.abc import Sequence

from django.db import DatabaseError, connection
from django.db import Error as AnyDatabaseError

from shop.cart.errors import CartIsOrdered
from shop.checkout.actions import attempts, planning
from shop.checkout.actions.planning import Readings
from shop.checkout.actions.writing import Candidate, write_orders
from shop.checkout.errors import AlreadyOrdered, CheckoutFailed
from shop.checkout.rules import Draft, Outcome, Placed, Refused, Replayed
from shop.lib.batches import isolate_failures
from shop.lib.refusals import Busy, Refusal
from shop.lib.transactions import is_lock_timeout, retry_conflicts
from shop.orders import queries as orders

logger = logging.getLogger(__name__)


def place_order(*, draft: Draft) -> Placed | Replayed:
    """Place one order, or answer with the one that was placed under the same key before.

    Raises the Refusal for which it was not placed; then nothing was changed.
    """
    (outcome,) = commit_orders(drafts=[draft])
    if isinstance(outcome, Refused):
        raise outcome.refusal
    return outcome


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
    """Commit; where somebody else's lock does not go away, everybody may try again later."""
    try:
        return retry_conflicts(lambda: write_orders(batch, readings))
    except DatabaseError as error:
        if not is_lock_timeout(error):
            raise
        return [Refused(Busy()) for _ in batch]


def _give_up(candidate: Candidate, failure: Exception) -> Outcome:
    """Answer for a draft that the database refuses even by itself.

    Somebody else was faster, or the connection broke when the order had been written already: in
    both cases there is an order to lead to.
    """
    origin = candidate.draft.origin
    order_id = _order_from(origin)
    if order_id is not None:
        return Refused(AlreadyOrdered(order_id=order_id))
    logger.error("order from %s failed", origin, exc_info=failure)
    return Refused(CheckoutFailed())


def _order_from(origin: str) -> int | None:
    """Return the order that came from there, None also where the database cannot be asked."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        return orders.ids_by_origin([origin]).get(origin)
    except AnyDatabaseError:
        return None
