"""How stock is counted and promised."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shop.events.rules import NUMBER, Kind, many, record
from shop.inventory.errors import NotEnoughStock

# More units than any shelf holds, and far fewer than a column of the database does.
LARGEST_STOCK = 10**12


_LEVELS = {
    "levels": many(record({"variant_id": NUMBER, "location_id": NUMBER, "available": NUMBER}))
}
_ONE_LOCATION = {"location_id": NUMBER}
NEWS = (
    Kind("stock.low", "Levels have fallen to what LOW_STOCK says, or below.", _LEVELS),
    Kind("stock.sold_out", "Nothing of these levels is left for sale.", _LEVELS),
    Kind("stock.returned", "Levels that were sold out have something again.", _LEVELS),
    Kind("location.opened", "A location sells again.", _ONE_LOCATION),
    Kind("location.closed", "A location does not sell any more.", _ONE_LOCATION),
)


class MovementReason(StrEnum):
    """Why stock came or went."""

    RECEIVED = "received"
    ADJUSTED = "adjusted"
    COUNTED = "counted"
    MOVED = "moved"
    SHIPPED = "shipped"

    @property
    def label(self) -> str:
        """The word people read."""
        return self.value.capitalize()


# Of many units nobody needs the exact number; of few it is worth knowing.
FEW = 10
# Generations (shop/lib/public/generations.py) of what is shown: the exact number of a product's
# units, those of any product, and what its page says of them, where that is a number or just was.
STOCK = "stock:{product_id}"
ANY_STOCK = "stock"
FEW_LEFT = "few:{product_id}"


@dataclass(frozen=True, slots=True)
class Level:
    """The stock of one variant at one location, as it was read."""

    id: int
    variant_id: int
    location_id: int
    on_hand: int
    promised: int
    product_id: int = 0

    @property
    def available(self) -> int:
        """Units nobody has been promised."""
        return self.on_hand - self.promised


@dataclass(frozen=True, slots=True)
class Change:
    """What is available of a level, before and after."""

    level: Level
    after: int

    @property
    def sells_otherwise(self) -> bool:
        """Whether selling begins or ends by it."""
        return (self.level.available > 0) != (self.after > 0)

    def thresholds(self, low: int) -> list[str]:
        """Return the names of the news that it is, where up to `low` units are few."""
        before, after = self.level.available, self.after
        return (
            ["stock.low"] * (after <= low < before)
            + ["stock.sold_out"] * (after <= 0 < before)
            + ["stock.returned"] * (before <= 0 < after)
        )


@dataclass(frozen=True, slots=True)
class Want:
    """One line's wish: so many units of a variant."""

    variant_id: int
    sku: str
    quantity: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a wish that one level fulfils."""

    level_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class HeldShare:
    """The part of a hold that one level fulfils, with the id under which it is written."""

    hold_id: int
    variant_id: int
    level_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Held:
    """How many units of a variant are held, and until when."""

    quantity: int
    until: datetime


def kept_of(shares: Iterable[HeldShare], quantity: int) -> tuple[list[HeldShare], list[HeldShare]]:
    """Part what is held into up to so many units, from the first share on, and the rest."""
    kept: list[HeldShare] = []
    left: list[HeldShare] = []
    for share in shares:
        taken = min(share.quantity, quantity)
        quantity -= taken
        if taken:
            kept.append(replace(share, quantity=taken))
        if taken < share.quantity:
            left.append(replace(share, quantity=share.quantity - taken))
    return kept, left


def in_one_each(shares: "Iterable[Share | HeldShare]") -> list[Share]:
    """Return shares with one for each level, in the order of their first."""
    units: Counter[int] = Counter()
    for share in shares:
        units[share.level_id] += share.quantity
    return [Share(level_id=level_id, quantity=quantity) for level_id, quantity in units.items()]


class Shelf:
    """Levels in order of preference, from which wishes are promised one after another.

    It is the working copy of a batch: what an earlier wish was promised is gone for the next one.
    """

    def __init__(self, levels: Iterable[Level]) -> None:
        self._left: dict[int, int] = {}
        self._level_ids: defaultdict[int, list[int]] = defaultdict(list)
        for level in levels:
            self._left[level.id] = level.available
            self._level_ids[level.variant_id].append(level.id)

    def available(self, variant_id: int) -> int:
        """Units of the variant that can still be promised, over all levels."""
        return sum(self._left[level_id] for level_id in self._level_ids[variant_id])

    def promise(
        self, wants: Sequence[Want], *, held: Sequence[HeldShare] = ()
    ) -> list[list[Share]]:
        """Promise every wish, or none: one list of shares for each, in their order.

        What is held for whoever wishes comes first, and what they do not need of it is for others.
        Of the rest the first level with enough gives all; otherwise the levels give what they
        have, in order. Raises NotEnoughStock for the first variant that falls short, and then
        nothing is taken.
        """
        self._check(wants, held)
        promised = []
        for want in wants:
            own = [share for share in held if share.variant_id == want.variant_id]
            kept, left = kept_of(own, want.quantity)
            held = [share for share in held if share.variant_id != want.variant_id] + left
            missing = want.quantity - sum(share.quantity for share in kept)
            more = self._take(replace(want, quantity=missing)) if missing else []
            promised.append(in_one_each([*kept, *more]))
        self._put_back(held)
        return promised

    def _put_back(self, held: Iterable[HeldShare]) -> None:
        for share in held:
            # A level that does not sell any more is not on the shelf.
            if share.level_id in self._left:
                self._left[share.level_id] += share.quantity

    def _check(self, wants: Sequence[Want], held: Iterable[HeldShare]) -> None:
        wanted: defaultdict[int, int] = defaultdict(int)
        for want in wants:
            wanted[want.variant_id] += want.quantity
        own: Counter[int] = Counter()
        for share in held:
            own[share.variant_id] += share.quantity
        for want in wants:
            available = self.available(want.variant_id) + own[want.variant_id]
            if wanted[want.variant_id] > available:
                raise NotEnoughStock(
                    sku=want.sku,
                    variant_id=want.variant_id,
                    wanted=wanted[want.variant_id],
                    available=available,
                    name=want.name,
                )

    def _take(self, want: Want) -> list[Share]:
        level_ids = self._level_ids[want.variant_id]
        for level_id in level_ids:
            if self._left[level_id] >= want.quantity:
                return [self._take_from(level_id, want.quantity)]
        shares: list[Share] = []
        missing = want.quantity
        for level_id in level_ids:
            quantity = min(missing, self._left[level_id])
            if quantity > 0:
                shares.append(self._take_from(level_id, quantity))
                missing -= quantity
        return shares

    def _take_from(self, level_id: int, quantity: int) -> Share:
        self._left[level_id] -= quantity
        return Share(level_id=level_id, quantity=quantity)
