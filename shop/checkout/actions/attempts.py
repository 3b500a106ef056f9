"""Keys and their answers: the same key is one order, however often it is sent."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from shop.checkout.errors import KeyReused
from shop.checkout.models import Attempt
from shop.checkout.rules import Draft, Key, Outcome, Placed, Refused, Replayed
from shop.lib.increments import write_to_rows

_Claims = dict[tuple[str, str], Attempt]


def claim(drafts: Sequence[Draft], *, now: datetime) -> _Claims:
    """Write the drafts' keys down, and return what stands under each: ours, or an older attempt.

    Where another transaction is writing the same key this waits for its end, and then sees its
    answer. An attempt without an order is ours.
    """
    keys = _sorted_keys(drafts)
    if not keys:
        return {}
    Attempt.objects.bulk_create(
        [
            Attempt(scope=key.scope, key=key.key, body_hash=key.body_hash, created_at=now)
            for key in keys
        ],
        ignore_conflicts=True,
    )
    return _find(keys)


def stored_answers(drafts: Sequence[Draft]) -> _Claims:
    """Return the attempts that have been answered under these drafts' keys."""
    keys = _sorted_keys(drafts)
    return _find(keys) if keys else {}


def replay(draft: Draft, claims: _Claims) -> Replayed | Refused | None:
    """Answer a draft whose key has an answer already; None if it has not."""
    if draft.key is None:
        return None
    attempt = claims.get((draft.key.scope, draft.key.key))
    if attempt is None or attempt.order_id is None:
        return None
    if attempt.body_hash != draft.key.body_hash:
        return Refused(KeyReused())
    return Replayed(order_id=attempt.order_id, answer=attempt.answer)


def settle(drafts: Sequence[Draft], outcomes: Iterable[Outcome], claims: _Claims) -> None:
    """Store the answers of placed orders under their keys, and set the keys of refusals free."""
    answered: dict[int, tuple[int, str]] = {}
    free: list[int] = []
    for draft, outcome in zip(drafts, outcomes, strict=True):
        if draft.key is None or isinstance(outcome, Replayed):
            continue
        attempt = claims[draft.key.scope, draft.key.key]
        if isinstance(outcome, Placed):
            answered[attempt.id] = (outcome.order_id, outcome.answer)
        elif attempt.order_id is None:
            free.append(attempt.id)
    write_to_rows(Attempt, ["order", "answer"], answered)
    if free:
        Attempt.objects.filter(id__in=free).delete()


def forget_attempts(*, before: datetime) -> int:
    """Delete the attempts made before then; return how many."""
    return Attempt.objects.filter(created_at__lt=before).delete()[0]


def _sorted_keys(drafts: Iterable[Draft]) -> list[Key]:
    """Return the keys in one order for everybody, so that two batches never wait for each other."""
    keys = [draft.key for draft in drafts if draft.key is not None]
    return sorted(keys, key=lambda key: (key.scope, key.key))


def _find(keys: Collection[Key]) -> _Claims:
    wanted = {(key.scope, key.key) for key in keys}
    # A few rows too many (a scope with another one's key) cost less than one condition per key.
    found = Attempt.objects.filter(
        Q(scope__in={scope for scope, _ in wanted}), Q(key__in={key for _, key in wanted})
    )
    return {
        (attempt.scope, attempt.key): attempt
        for attempt in found
        if (attempt.scope, attempt.key) in wanted
    }
