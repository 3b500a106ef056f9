"""Placing one order: in a process of many threads, together with whatever else waits there.

The threads that answer buyers leave the database alone. One more thread, with the one connection of
the process, writes what they want, group after group (`shop.lib.group_commit`).
"""

import atexit
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.db import close_old_connections, connections

from shop.checkout.actions.committing import commit_orders
from shop.checkout.rules import Draft, Outcome, Placed, Refused, Replayed
from shop.lib.group_commit import (
    GroupCommit,
    GroupCommitClosedError,
    NotWrittenInTimeError,
    TooManyWaitError,
)
from shop.lib.refusals import Busy
from shop.lib.requests import current_id

# As many as share a transaction: more of them would keep hot stock locked for longer than a buyer
# notices, and gain nothing (ADR 21).
MOST_TOGETHER = 32
# Sixteen transactions: whoever came after them would wait for longer than people do.
MOST_WAITING = 512
# For so long an order waits for its turn; then its buyer is asked to come again.
SECONDS_TO_WAIT = 5.0
_SECONDS_TO_CLOSE = 10.0


def place_order(*, draft: Draft) -> Placed | Replayed:
    """Place one order, or answer with the one that was placed under the same key before.

    Raises the Refusal for which it was not placed, and then nothing was changed: Busy also where
    so many wait that one more would be late.
    """
    outcome = _outcome(replace(draft, request_id=current_id()))
    if isinstance(outcome, Refused):
        raise outcome.refusal
    return outcome


def _outcome(draft: Draft) -> Outcome:
    if settings.THREADS == 1:
        (outcome,) = commit_orders(drafts=[draft])
        return outcome
    try:
        return _orders.commit(draft, seconds=SECONDS_TO_WAIT)
    except (TooManyWaitError, NotWrittenInTimeError, GroupCommitClosedError) as error:
        raise Busy from error


def _commit_group(drafts: Sequence[Draft]) -> list[Outcome]:
    # As a request does before it begins: the server may have hung up on us since the last group.
    close_old_connections()
    return commit_orders(drafts=drafts)


_orders: GroupCommit[Draft, Outcome] = GroupCommit(
    _commit_group,
    most_together=MOST_TOGETHER,
    most_waiting=MOST_WAITING,
    name="order-committer",
    at_end=connections.close_all,
)
atexit.register(_orders.close, seconds=_SECONDS_TO_CLOSE)
