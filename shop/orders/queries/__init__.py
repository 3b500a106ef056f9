"""Reads about orders."""

from shop.orders.queries.auditing import breaches
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
from shop.orders.queries.reading import has_bought, ids_by_origin

__all__ = [
    "Sum",
    "breaches",
    "can_be_canceled",
    "find",
    "guests_orders",
    "has_bought",
    "ids_by_origin",
    "owner",
    "page_of_all",
    "page_of_user",
    "page_of_whole",
    "sums",
    "whole",
]
