"""Reads about orders."""

from shop.orders.queries.auditing import (
    allocated_by_level,
    breaches,
    levels_off_their_promises,
)
from shop.orders.queries.browsing import (
    Sum,
    can_be_canceled,
    find,
    guests_orders,
    owner,
    page_of_all,
    page_of_user,
    page_of_whole,
    sums,
    whole,
)
from shop.orders.queries.links import opened_by, seal_of
from shop.orders.queries.reading import (
    Customer,
    customer,
    destination,
    has_bought,
    ids_by_origin,
)

__all__ = [
    "Customer",
    "Sum",
    "allocated_by_level",
    "breaches",
    "can_be_canceled",
    "customer",
    "destination",
    "find",
    "guests_orders",
    "has_bought",
    "ids_by_origin",
    "levels_off_their_promises",
    "opened_by",
    "owner",
    "page_of_all",
    "page_of_user",
    "page_of_whole",
    "seal_of",
    "sums",
    "whole",
]
