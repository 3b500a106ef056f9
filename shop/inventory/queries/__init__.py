"""Reads about stock."""

from shop.inventory.queries.auditing import Promise, breaches, promises
from shop.inventory.queries.reading import available

__all__ = ["Promise", "available", "breaches", "promises"]
