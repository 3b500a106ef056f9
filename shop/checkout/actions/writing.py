"""The transaction in which drafts become orders."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from shop.accounts import queries as accounts
from shop.accounts.rules import Account
from shop.cart import actions as carts
from shop.cart.errors import CartIsOrdered
from shop.cart.rules import CartFacts
from shop.checkout.actions import allowances, attempts, planning
from shop.checkout.actions.allowances import LockedAllowances, Purchase
from shop.checkout.actions.planning import Readings
from shop.checkout.errors import CartChanged
from shop.checkout.rules import (
    Buyer,
    Claim,
    Draft,
    Outcome,
    Placed,
    Plan,
    Refused,
    Replayed,
    with_account,
    with_quote,
)
from shop.events import actions as events
from shop.inventory import actions as inventory
from shop.inventory.errors import NotEnoughStock
from shop.inventory.rules import HeldShare, Level, Share, Shelf
from shop.lib.refusals import Refusal
from shop.orders import actions as orders
from shop.orders.rules import NewLine, NewOrder, PlacedOrder, PostalAddress, expiry


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft that can become an order, as far as could be seen without a lock."""

    draft: Draft
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Locked:
    """What a batch knows while it holds its locks: nobody else can change it."""

    before: Readings
    readings: Readings
    carts: dict[UUID, CartFacts]
    allowances: LockedAllowances
    accounts: dict[int, Account]
    shelf: Shelf
    levels: dict[int, Level]
    held: dict[UUID, list[HeldShare]]
    now: datetime


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A draft that becomes this order, as it was planned under the locks."""

    draft: Draft
    plan: Plan
    order: NewOrder


_Decision = _Agreed | Replayed | Refused


@transaction.atomic(durable=True)
def write_orders(batch: Sequence[Candidate], before: Readings) -> list[Outcome]:
    """Write the orders of a batch and answer each candidate, in their order of arrival.

    Raises whatever the database does, and then nothing is written.
    """
    drafts = [candidate.draft for candidate in batch]
    now = timezone.now()
    claims = attempts.claim(drafts, now=now)
    locked = _lock(batch, before, now)
    decisions: list[_Decision] = [
        attempts.replay(candidate.draft, claims) or _decide(candidate, locked)
        for candidate in batch
    ]
    placed = _write([each for each in decisions if isinstance(each, _Agreed)], locked)
    outcomes = [
        _outcome(draft, decision, placed) for draft, decision in zip(drafts, decisions, strict=True)
    ]
    attempts.settle(drafts, outcomes, claims)
    ordered = [
        draft.cart_id
        for draft, outcome in zip(drafts, outcomes, strict=True)
        if isinstance(outcome, Placed) and draft.cart_id is not None
    ]
    if ordered:
        carts.close(cart_ids=ordered, at=now)
    return outcomes


def _lock(batch: Sequence[Candidate], before: Readings, now: datetime) -> _Locked:
    """Lock carts, allowances, stock; then read again what could change until then."""
    drafts = [candidate.draft for candidate in batch]
    cart_ids = planning.cart_ids(drafts)
    locked_carts = carts.lock(cart_ids=cart_ids) if cart_ids else {}
    locked_allowances = allowances.lock(_claimants(batch))
    variant_ids = {line.variant_id for candidate in batch for line in candidate.plan.lines}
    shelf, levels = inventory.lock_shelf(variant_ids=variant_ids)
    holders = [cart_id for cart_id, facts in locked_carts.items() if facts.has_held]
    return _Locked(
        before=before,
        readings=planning.read_again(drafts, before),
        carts=locked_carts,
        allowances=locked_allowances,
        accounts=_accounts_of(drafts),
        shelf=shelf,
        levels=levels,
        held=inventory.held_shares(holders=holders, level_ids=levels) if holders else {},
        now=now,
    )


def _claimants(batch: Sequence[Candidate]) -> list[tuple[Buyer, tuple[Claim, ...]]]:
    """Return who claims limited products, as far as can be foreseen; nobody, where none is limited.

    Whose account says something else when it counts is refused then.
    """
    claiming = [candidate for candidate in batch if candidate.plan.claims]
    partial = [each.draft for each in claiming if not each.draft.buyer.is_whole]
    known = _accounts_of(partial)
    found = []
    for candidate in claiming:
        buyer = candidate.draft.buyer
        with suppress(Refusal):
            if not buyer.is_whole:
                buyer = with_account(buyer, known, country=settings.DEFAULT_COUNTRY)
            found.append((buyer, candidate.plan.claims))
    return found


def _accounts_of(drafts: Sequence[Draft]) -> dict[int, Account]:
    """Read the accounts that order, with their address books where one of them needs its book."""
    user_ids = {draft.buyer.user_id for draft in drafts if draft.buyer.user_id is not None}
    if not user_ids:
        return {}
    with_books = any(draft.buyer.needs_book for draft in drafts)
    return accounts.accounts(user_ids, with_books=with_books)


def _decide(candidate: Candidate, locked: _Locked) -> _Agreed | Refused:
    """Promise a draft its stock at the prices of this moment, or refuse it."""
    draft = candidate.draft
    try:
        buyer = with_account(draft.buyer, locked.accounts, country=settings.DEFAULT_COUNTRY)
        if draft.cart_id is not None:
            _check_cart(draft.cart_id, locked)
        plan = locked.readings.plan(draft)
        locked.allowances.taken.check(buyer, plan.claims)
        shares = _promised(draft, plan, locked)
    except Refusal as refusal:
        return Refused(refusal)
    locked.allowances.taken.take(buyer, plan.claims)
    agreed = replace(draft, buyer=buyer)
    return _Agreed(agreed, plan, _new_order(agreed, plan, shares, now=locked.now))


def _promised(draft: Draft, plan: Plan, locked: _Locked) -> Sequence[Sequence[Share]]:
    try:
        return locked.shelf.promise(plan.wants, held=_held_for(draft, locked))
    except NotEnoughStock as refusal:
        raise with_quote(refusal, plan) from refusal


def _held_for(draft: Draft, locked: _Locked) -> list[HeldShare]:
    """Return what the draft's cart holds; until somebody has ended it, even past its time."""
    return locked.held.get(draft.cart_id, []) if draft.cart_id is not None else []


def _check_cart(cart_id: UUID, locked: _Locked) -> None:
    """Refuse a cart that is not the one we planned: its variants may not be the locked ones."""
    facts = locked.carts.get(cart_id)
    if facts is None or facts.version != locked.before.carts[cart_id].version:
        if facts is not None and facts.is_ordered:
            raise CartIsOrdered
        raise CartChanged


def _new_order(
    draft: Draft, plan: Plan, shares: Sequence[Sequence[Share]], *, now: datetime
) -> NewOrder:
    placed_at = draft.placed_at or now
    return NewOrder(
        origin=draft.origin,
        user_id=draft.buyer.user_id,
        email=draft.buyer.email or "",
        address=draft.buyer.address or PostalAddress(),
        keeps_address=draft.buyer.keeps_address,
        request_id=draft.request_id,
        payment_method=draft.payment_method,
        quote=plan.quote,
        lines=tuple(
            NewLine(
                variant_id=line.variant_id,
                sku=line.sku,
                name=line.name,
                variant_title=line.title,
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount=amount,
                shares=tuple(line_shares),
            )
            for line, amount, line_shares in zip(
                plan.lines, plan.quote.amounts, shares, strict=True
            )
        ),
        placed_at=placed_at,
        expires_at=expiry(
            draft.payment_method,
            placed_at=placed_at,
            payment_wait=timedelta(days=settings.PAYMENT_WAIT_DAYS),
        ),
    )


def _write(agreed: Sequence[_Agreed], locked: _Locked) -> dict[str, PlacedOrder]:
    """Write the stock they are promised, the orders, and what these have of limits; by origin."""
    if not agreed:
        return {}
    new_orders = [each.order for each in agreed]
    with events.told_together():
        inventory.promise(
            levels=locked.levels,
            shares=[share for order in new_orders for line in order.lines for share in line.shares],
            redeemed=[share for each in agreed for share in _held_for(each.draft, locked)],
        )
        placed = orders.record(orders=new_orders)
    allowances.use(
        [
            Purchase(order.id, each.draft.buyer, each.plan.claims)
            for order, each in zip(placed, agreed, strict=True)
        ],
        locked.allowances,
    )
    return {each.order.origin: each for each in placed}


def _outcome(draft: Draft, decision: _Decision, placed: dict[str, PlacedOrder]) -> Outcome:
    if isinstance(decision, _Agreed):
        order = placed[draft.origin]
        return Placed(order=order, answer=draft.answer(order))
    return decision
