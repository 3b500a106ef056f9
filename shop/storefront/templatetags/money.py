"""Amounts of money, written the way people read them."""

from django import template

from shop.lib.amounts import written as money

__all__ = ["money", "register"]

register = template.Library()

register.filter("money", money)
