"""Holding stock for carts for a while: how much may change, how long does not.

Callers hold a transaction, and the lock of the cart that holds. Whoever writes a hold has locked
its level before.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from shop.inventory.actions._levels import lock_levels, write_levels
from shop.inventory.actions.promising import lock_shelf
from shop.inventory.models import Hold, HoldTerm
from shop.inventory.rules import HeldShare, Level, Share, Want, in_one_each, kept_of
from shop.lib.transactions import durable, require_transaction

ENDED_AT_ONCE = 100


def hold(*, holder: UUID, want: Want, minutes: int | None) -> datetime | None:
    """Hold so many units of a variant, no more and no fewer; return until when, None if not at all.

    The first time says until when. Asking again changes how many, never how long; when the time is
    over, nothing of it is held for this holder until `forget_terms` has forgotten that. Raises
    NotEnoughStock, also where nothing is held, and OutsideTransactionError.
    """
    require_transaction()
    now = timezone.now()
    shelf, levels = lock_shelf(variant_ids=[want.variant_id])
    ends_at = _term(holder, want.variant_id, minutes, now)
    before = held_shares(holders=[holder], level_ids=levels).get(holder, [])
    (after,) = shelf.promise([want], held=before)
    if ends_at is None or ends_at <= now:
        ends_at, after = None, []
    _rewrite(holder, before, after, levels=levels, ends_at=ends_at or now)
    return ends_at


def held_shares(
    *, holders: Collection[UUID], level_ids: Collection[int]
) -> dict[UUID, list[HeldShare]]:
    """Return what is held on locked levels, by holder. Raises OutsideTransactionError."""
    require_transaction()
    found: defaultdict[UUID, list[HeldShare]] = defaultdict(list)
    rows = Hold.objects.filter(holder__in=holders, level_id__in=level_ids).order_by("id")
    for id_, holder, variant_id, level_id, quantity in rows.values_list(
        "id", "holder", "level__variant_id", "level_id", "quantity"
    ):
        found[holder].append(HeldShare(id_, variant_id, level_id, quantity))
    return found


def release_holds(*, holder: UUID, variant_ids: Collection[int] | None = None) -> None:
    """Give back what a holder has, of these variants or of all. Raises OutsideTransactionError."""
    require_transaction()
    mine = Hold.objects.filter(holder=holder)
    if variant_ids is not None:
        mine = mine.filter(level__variant_id__in=variant_ids)
    _release(mine.values_list("id", "level_id"))


def carry_holds(*, source: UUID, target: UUID, quantities: Mapping[int, int]) -> datetime | None:
    """Let one holder have what another has, up to so many units by variant; the rest goes back.

    Where both hold a variant, the time that ends first counts. Returns when the last one ends,
    None where nothing was ever held. Raises OutsideTransactionError.
    """
    require_transaction()
    both = (target, source)
    terms = _join_terms(source, target)
    level_ids = set(Hold.objects.filter(holder__in=both).values_list("level_id", flat=True))
    levels = lock_levels(level_ids)
    found = held_shares(holders=both, level_ids=levels)
    by_variant: defaultdict[int, list[HeldShare]] = defaultdict(list)
    for share in (*found.get(target, []), *found.get(source, [])):
        by_variant[share.variant_id].append(share)
    _end(share for shares in by_variant.values() for share in shares)
    surplus: Counter[int] = Counter()
    for variant_id, shares in by_variant.items():
        kept, left = kept_of(shares, quantities.get(variant_id, 0))
        _begin(target, in_one_each(kept), ends_at=terms.get(variant_id, timezone.now()))
        surplus.update({share.level_id: -share.quantity for share in in_one_each(left)})
    write_levels(levels=levels, promised=surplus)
    return max(terms.values(), default=None)


def end_expired_holds(*, now: datetime) -> int:
    """Give back what was held for long enough; return how many holds ended."""
    ended = 0
    while count := _end_some(now):
        ended += count
    return ended


def forget_terms(*, before: datetime) -> int:
    """Forget who held what until then, so that they can hold it once more; return how many."""
    return HoldTerm.objects.filter(ends_at__lt=before).delete()[0]


def _end_some(now: datetime) -> int:
    due = Hold.objects.filter(expires_at__lte=now).order_by("expires_at", "id")
    found = list(due.values_list("id", "level_id")[:ENDED_AT_ONCE])
    return _end_these(found) if found else 0


@durable
def _end_these(found: Sequence[tuple[int, int]]) -> int:
    return _release(found)


def _release(found: Iterable[tuple[int, int]]) -> int:
    """End these holds, by id and level, as far as they are still there when these are locked."""
    level_of = dict(found)
    levels = lock_levels(set(level_of.values()))
    there = _still_there(level_of)
    back: Counter[int] = Counter()
    for _, level_id, quantity in there:
        back[level_id] -= quantity
    Hold.objects.filter(id__in=[id_ for id_, _, _ in there]).delete()
    write_levels(levels=levels, promised=back)
    return len(there)


def _still_there(hold_ids: Collection[int]) -> list[tuple[int, int, int]]:
    """Return these holds as they are now: who has ordered or changed them had the locks till then.

    Each by its id, level and quantity.
    """
    rows = Hold.objects.filter(id__in=hold_ids).order_by("id")
    return list(rows.values_list("id", "level_id", "quantity"))


def _term(holder: UUID, variant_id: int, minutes: int | None, now: datetime) -> datetime | None:
    """Return when a holder's time with a variant ends; it begins where it has not begun yet."""
    term = HoldTerm.objects.filter(holder=holder, variant_id=variant_id).first()
    if term is None and minutes is not None:
        ends_at = now + timedelta(minutes=minutes)
        term = HoldTerm.objects.create(holder=holder, variant_id=variant_id, ends_at=ends_at)
    return None if term is None else term.ends_at


def _join_terms(source: UUID, target: UUID) -> dict[int, datetime]:
    """Make the terms of one holder another's; return when each ends, by variant."""
    terms = list(HoldTerm.objects.filter(holder__in=(source, target)).order_by("ends_at"))
    ends: dict[int, datetime] = {}
    for term in terms:
        ends.setdefault(term.variant_id, term.ends_at)
    HoldTerm.objects.filter(id__in=[term.id for term in terms]).delete()
    HoldTerm.objects.bulk_create(
        HoldTerm(holder=target, variant_id=variant_id, ends_at=ends_at)
        for variant_id, ends_at in ends.items()
    )
    return ends


def _rewrite(
    holder: UUID,
    before: Sequence[HeldShare],
    after: Sequence[Share],
    *,
    levels: Mapping[int, Level],
    ends_at: datetime,
) -> None:
    """Hold these shares instead of those."""
    change = Counter({share.level_id: share.quantity for share in after})
    change.subtract({share.level_id: share.quantity for share in before})
    if not before and not after:
        return
    _end(before)
    _begin(holder, after, ends_at=ends_at)
    write_levels(levels=levels, promised={id_: units for id_, units in change.items() if units})


def _end(shares: Iterable[HeldShare]) -> None:
    ids = [share.hold_id for share in shares]
    if ids:
        Hold.objects.filter(id__in=ids).delete()


def _begin(holder: UUID, shares: Iterable[Share], *, ends_at: datetime) -> None:
    Hold.objects.bulk_create(
        Hold(holder=holder, level_id=share.level_id, quantity=share.quantity, expires_at=ends_at)
        for share in shares
    )
