"""What must be true of stock, checked over the whole database."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import BigIntegerField, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from shop.catalog import queries as catalog
from shop.inventory.models import Hold, StockLevel, StockMovement
from shop.lib.breaches import Breach

_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Promise:
    """What a level has promised, and how much of that is held for carts."""

    level_id: int
    name: str
    promised: int
    held: int


def breaches() -> Iterator[Breach]:
    """Yield every row that breaks an invariant of stock."""
    yield from _wrong_ledgers()
    yield from _impossible_levels()
    yield from _wrong_flags()


def promises() -> Iterator[Promise]:
    """Yield every level's promises, for those who know what else was promised."""
    levels = StockLevel.objects.annotate(held=_sum_of("holds__quantity")).order_by("id")
    for level_id, sku, location, promised, held in levels.values_list(
        "id", "variant__sku", "location__code", "promised", "held"
    ).iterator(chunk_size=_ROWS_AT_ONCE):
        yield Promise(level_id, _name(sku, location), promised, held)


def levels_off_their_ledger() -> list[int]:
    """Return the ids of levels that have another number on hand than their movements add up to."""
    return [level_id for level_id, *_ in _off_their_ledger()]


def variants_off_their_flag() -> list[int]:
    """Return the ids of the variants of products that say the wrong thing of their stock."""
    wrong = [product_id for product_id, _, said, true in _flags() if said != true]
    families = catalog.members(wrong, even_hidden=True) if wrong else {}
    return [member.variant_id for family in families.values() for member in family]


def level_names(level_ids: Collection[int]) -> dict[int, str]:
    """Return what the audit calls levels, by id."""
    rows = StockLevel.objects.filter(id__in=level_ids)
    return {
        id_: _name(sku, location)
        for id_, sku, location in rows.values_list("id", "variant__sku", "location__code")
    }


def moved_by_level(level_ids: Collection[int]) -> dict[int, int]:
    """Return how many units have moved onto levels, by id; those with a ledger only."""
    return _units_by_level(StockMovement.objects.filter(level_id__in=level_ids))


def held_by_level(level_ids: Collection[int]) -> dict[int, int]:
    """Return how many units of levels are held for carts, by id; those with holds only."""
    return _units_by_level(Hold.objects.filter(level_id__in=level_ids))


def _units_by_level(rows: QuerySet[StockMovement] | QuerySet[Hold]) -> dict[int, int]:
    return dict(rows.order_by().values_list("level_id").annotate(units=Sum("quantity")))


def _off_their_ledger() -> Iterator[tuple[int, str, int, int]]:
    """Yield each wrong level: its id, what it is called, what is on hand and what has moved in."""
    wrong = (
        StockLevel.objects.annotate(moved=_sum_of("movements__quantity"))
        .exclude(moved=F("on_hand"))
        .order_by("id")
    )
    for level_id, sku, location, on_hand, moved in wrong.values_list(
        "id", "variant__sku", "location__code", "on_hand", "moved"
    ).iterator(chunk_size=_ROWS_AT_ONCE):
        yield level_id, _name(sku, location), on_hand, moved


def _wrong_ledgers() -> Iterator[Breach]:
    """What is on hand = the sum of its movements."""
    for _, name, on_hand, moved in _off_their_ledger():
        yield Breach("stock-ledger", name, f"{on_hand} on hand, but {moved} have moved in")


def _impossible_levels() -> Iterator[Breach]:
    """0 <= promised <= on hand. The database refuses the rest, unless somebody took that away."""
    impossible = StockLevel.objects.filter(
        Q(promised__gt=F("on_hand")) | Q(promised__lt=0) | Q(on_hand__lt=0)
    ).order_by("id")
    for sku, location, on_hand, promised in impossible.values_list(
        "variant__sku", "location__code", "on_hand", "promised"
    ):
        yield Breach(
            "stock-bounds", _name(sku, location), f"{on_hand} on hand, {promised} promised"
        )


def _wrong_flags() -> Iterator[Breach]:
    """A product says "in stock" if, and only if, one of its variants can be bought."""
    for _, code, said, true in _flags():
        if said != true:
            words = {True: "in stock", False: "sold out"}
            yield Breach(
                "product-in-stock", f"product {code}", f"says {words[said]}, but is {words[true]}"
            )


def _flags() -> Iterator[tuple[int, str, bool, bool]]:
    """Yield every product's id and code, whether it says it is in stock, and whether it is."""
    available = set(
        StockLevel.objects.filter(
            variant__is_published=True, location__is_active=True, on_hand__gt=F("promised")
        ).values_list("variant__product_id", flat=True)
    )
    for product_id, code, in_stock in catalog.stock_flags():
        yield product_id, code, in_stock, product_id in available


def _name(sku: str, location: str) -> str:
    return f"variant {sku} at {location}"


def _sum_of(path: str) -> Coalesce:
    return Coalesce(Sum(path), 0, output_field=BigIntegerField())
