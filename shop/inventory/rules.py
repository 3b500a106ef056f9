"""How stock is counted and promised."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shop.inventory.errors import NotEnoughStock

# More units than any shelf holds, and far fewer than a column of the database does.
LARGEST_STOCK = 10**12


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


@dataclass(frozen=True, slots=True)
class Level:
    """The stock of one variant at one location, as it was read."""

    id: int
    variant_id: int
    location_id: int
    on_hand: int
    promised: int

    @property
    def available(self) -> int:
        """Units nobody has been promised."""
        return self.on_hand - self.promised


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

    def promise(self, wants: Sequence[Want]) -> list[list[Share]]:
        """Promise every wish, or none: one list of shares for each, in their order.

        The first level with enough gives all; otherwise the levels give what they have, in order.
        Raises NotEnoughStock for the first variant that falls short, and then nothing is taken.
        """
        self._check(wants)
        return [self._take(want) for want in wants]

    def _check(self, wants: Sequence[Want]) -> None:
        wanted: defaultdict[int, int] = defaultdict(int)
        for want in wants:
            wanted[want.variant_id] += want.quantity
        for want in wants:
            available = self.available(want.variant_id)
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
