"""What must be true of stock, checked over the whole database."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import BigIntegerField, F, Q, Sum
from django.db.models.functions import Coalesce

from shop.catalog import queries as catalog
from shop.inventory.models import StockLevel
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


def _wrong_ledgers() -> Iterator[Breach]:
    """What is on hand = the sum of its movements."""
    wrong = (
        StockLevel.objects.annotate(moved=_sum_of("movements__quantity"))
        .exclude(moved=F("on_hand"))
        .order_by("id")
    )
    for sku, location, on_hand, moved in wrong.values_list(
        "variant__sku", "location__code", "on_hand", "moved"
    ).iterator(chunk_size=_ROWS_AT_ONCE):
        yield Breach(
            "stock-ledger", _name(sku, location), f"{on_hand} on hand, but {moved} have moved in"
        )


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
    available = set(
        StockLevel.objects.filter(
            variant__is_published=True, location__is_active=True, on_hand__gt=F("promised")
        ).values_list("variant__product_id", flat=True)
    )
    for product_id, code, in_stock in catalog.stock_flags():
        if in_stock != (product_id in available):
            said, true = ("in stock", "sold out") if in_stock else ("sold out", "in stock")
            yield Breach("product-in-stock", f"product {code}", f"says {said}, but is {true}")


def _name(sku: str, location: str) -> str:
    return f"variant {sku} at {location}"


def _sum_of(path: str) -> Coalesce:
    return Coalesce(Sum(path), 0, output_field=BigIntegerField())
