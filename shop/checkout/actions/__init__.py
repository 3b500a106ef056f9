"""Placing orders: everything that has to agree is written together, or not at all."""

from shop.checkout.actions.attempts import forget_attempts
from shop.checkout.actions.committing import commit_orders
from shop.checkout.actions.following import keep_address_of
from shop.checkout.actions.grouping import place_order

__all__ = ["commit_orders", "forget_attempts", "keep_address_of", "place_order"]
