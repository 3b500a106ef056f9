"""Filters of letters."""

from django import template

from shop.lib.amounts import written
from shop.lib.countries import country_name

register = template.Library()

register.filter("amount", written)
register.filter("country", country_name)
