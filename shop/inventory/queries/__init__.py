"""Reads about stock."""

from shop.inventory.queries.auditing import Promise, breaches, promises
from shop.inventory.queries.reading import available, levels_of, locations

__all__ = ["Promise", "available", "breaches", "levels_of", "locations", "promises"]
