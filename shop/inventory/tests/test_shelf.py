"""Promising stock in memory: never more than there is, all of a wish or nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.inventory.errors import NotEnoughStock
from shop.inventory.rules import Level, MovementReason, Share, Shelf, Want

pytestmark = pytest.mark.once

MUG, TEA = 1, 2
NAMES = {MUG: "Mug, S", TEA: "Tea"}


def level(id_: int, available: int, *, variant_id: int = MUG, promised: int = 0) -> Level:
    return Level(
        id=id_,
        variant_id=variant_id,
        location_id=id_,
        on_hand=available + promised,
        promised=promised,
    )


def want(quantity: int, *, variant_id: int = MUG) -> Want:
    return Want(
        variant_id=variant_id, sku=f"sku-{variant_id}", quantity=quantity, name=NAMES[variant_id]
    )


def short(variant_id: int, *, wanted: int, available: int) -> dict[str, object]:
    """Return what a refusal says of a variant of which there is not enough."""
    return {
        "sku": f"sku-{variant_id}",
        "variant_id": variant_id,
        "wanted": wanted,
        "available": available,
        "name": NAMES[variant_id],
    }


def test_what_is_available_is_what_nobody_was_promised() -> None:
    assert level(1, 3, promised=4).available == 3
    assert Shelf([level(1, 3, promised=4), level(2, 2)]).available(MUG) == 5
    assert Shelf([]).available(MUG) == 0


@pytest.mark.parametrize(
    ("stock", "wanted", "shares"),
    [
        # The first level gives it all, even if it becomes empty.
        ([5, 5], 5, [Share(1, 5)]),
        # The first one with enough gives it all: one parcel.
        ([4, 9], 5, [Share(2, 5)]),
        ([4, 9, 20], 5, [Share(2, 5)]),
        # Nobody has enough: they give what they have, in order.
        ([4, 3, 2], 8, [Share(1, 4), Share(2, 3), Share(3, 1)]),
        # Empty levels give nothing, and are not named.
        ([0, 4, 0, 4], 8, [Share(2, 4), Share(4, 4)]),
        ([1, 1, 1], 3, [Share(1, 1), Share(2, 1), Share(3, 1)]),
    ],
)
def test_who_gives(stock: list[int], wanted: int, shares: list[Share]) -> None:
    shelf = Shelf(level(id_, available) for id_, available in enumerate(stock, start=1))

    assert shelf.promise([want(wanted)]) == [shares]
    assert shelf.available(MUG) == sum(stock) - wanted


def test_the_order_of_levels_is_the_callers() -> None:
    shelf = Shelf([level(2, 5), level(1, 5)])

    assert shelf.promise([want(1)]) == [[Share(2, 1)]]


def test_wishes_are_answered_in_their_order_one_after_another() -> None:
    shelf = Shelf([level(1, 5), level(2, 5), level(3, 7, variant_id=TEA)])

    shares = shelf.promise([want(4), want(7, variant_id=TEA), want(4), want(2)])

    assert shares == [[Share(1, 4)], [Share(3, 7)], [Share(2, 4)], [Share(1, 1), Share(2, 1)]]


def test_an_earlier_promise_is_gone_for_the_next_one() -> None:
    shelf = Shelf([level(1, 5)])
    shelf.promise([want(3)])

    with pytest.raises(NotEnoughStock) as caught:
        shelf.promise([want(3)])

    assert caught.value.data == short(MUG, wanted=3, available=2)
    assert shelf.promise([want(2)]) == [[Share(1, 2)]]


def test_lines_of_one_variant_count_together() -> None:
    shelf = Shelf([level(1, 5)])

    with pytest.raises(NotEnoughStock) as caught:
        shelf.promise([want(3), want(3)])

    assert caught.value.data == short(MUG, wanted=6, available=5)
    assert shelf.available(MUG) == 5


def test_a_refusal_names_the_first_variant_that_falls_short_and_takes_nothing() -> None:
    shelf = Shelf([level(1, 5), level(2, 1, variant_id=TEA)])

    with pytest.raises(NotEnoughStock) as caught:
        shelf.promise([want(1), want(2, variant_id=TEA), want(9)])

    # The mugs come first, and 10 of them are wanted.
    assert caught.value.data == short(MUG, wanted=10, available=5)
    assert (shelf.available(MUG), shelf.available(TEA)) == (5, 1)


def test_a_variant_without_a_level_is_not_there() -> None:
    with pytest.raises(NotEnoughStock) as caught:
        Shelf([level(1, 5)]).promise([want(1, variant_id=TEA)])

    assert caught.value.data == short(TEA, wanted=1, available=0)


def test_the_reasons_of_movements_have_words() -> None:
    assert [reason.label for reason in MovementReason] == [
        "Received",
        "Adjusted",
        "Counted",
        "Moved",
        "Shipped",
    ]


# --- Whatever the stock, whatever the wishes ----------------------------------------------------

levels_ = st.lists(
    st.tuples(st.sampled_from([MUG, TEA]), st.integers(0, 20), st.integers(0, 20)), max_size=6
).map(
    lambda rows: [
        level(id_, available, variant_id=variant_id, promised=promised)
        for id_, (variant_id, available, promised) in enumerate(rows, start=1)
    ]
)
batches = st.lists(
    st.lists(
        st.builds(want, st.integers(1, 15), variant_id=st.sampled_from([MUG, TEA])), max_size=4
    ),
    max_size=6,
)


class Stock:
    """What a shelf should have left, told apart by level."""

    def __init__(self, levels: Iterable[Level]) -> None:
        levels = list(levels)
        self.left = {item.id: item.available for item in levels}
        self.variant_of = {item.id: item.variant_id for item in levels}

    def of(self, variant_id: int) -> dict[int, int]:
        """Return what the levels of a variant have left."""
        return {id_: n for id_, n in self.left.items() if self.variant_of[id_] == variant_id}

    def take(self, wish: Want, shares: Sequence[Share]) -> None:
        """Check that a wish got all it wanted, from where it should, and take it away."""
        levels = self.of(wish.variant_id)
        enough = [id_ for id_, left in levels.items() if left >= wish.quantity]
        stocked = [id_ for id_, left in levels.items() if left]
        ids = [share.level_id for share in shares]
        assert ids == (enough[:1] if enough else stocked[: len(shares)])
        # All but the last one give everything they have.
        for share in shares[:-1]:
            assert share.quantity == levels[share.level_id]
        assert sum(share.quantity for share in shares) == wish.quantity
        for share in shares:
            assert 0 < share.quantity <= levels[share.level_id]
            self.left[share.level_id] -= share.quantity


@given(levels_, batches)
@settings(deadline=None)
def test_nothing_is_promised_twice_and_nothing_is_lost(
    levels: list[Level], orders: list[list[Want]]
) -> None:
    shelf, stock = Shelf(levels), Stock(levels)

    for wants in orders:
        wanted = Counter[int]()
        for wish in wants:
            wanted[wish.variant_id] += wish.quantity
        there = {variant_id: sum(stock.of(variant_id).values()) for variant_id in (MUG, TEA)}
        short = [wish for wish in wants if wanted[wish.variant_id] > there[wish.variant_id]]
        if short:
            # All or nothing: one short line and nobody gets anything.
            with pytest.raises(NotEnoughStock) as caught:
                shelf.promise(wants)
            first = short[0].variant_id
            assert (caught.value.variant_id, caught.value.available) == (first, there[first])
        else:
            for wish, shares in zip(wants, shelf.promise(wants), strict=True):
                stock.take(wish, shares)
        for variant_id in (MUG, TEA):
            assert shelf.available(variant_id) == sum(stock.of(variant_id).values())
