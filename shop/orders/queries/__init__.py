"""Reads about orders."""

from shop.orders.queries.auditing import breaches
from shop.orders.queries.reading import ids_by_origin

__all__ = ["breaches", "ids_by_origin"]
