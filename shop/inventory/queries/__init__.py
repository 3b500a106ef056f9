"""Reads about stock."""

from shop.inventory.queries.auditing import (
    Promise,
    breaches,
    held_by_level,
    level_names,
    levels_off_their_ledger,
    moved_by_level,
    promises,
    variants_off_their_flag,
)
from shop.inventory.queries.reading import (
    available,
    held_for,
    levels_of,
    locations,
    page_of_levels,
)

__all__ = [
    "Promise",
    "available",
    "breaches",
    "held_by_level",
    "held_for",
    "level_names",
    "levels_of",
    "levels_off_their_ledger",
    "locations",
    "moved_by_level",
    "page_of_levels",
    "promises",
    "variants_off_their_flag",
]
