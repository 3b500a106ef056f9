"""Where things are sent to, written the way people read it."""

from django import template

from shop.lib.countries import country_name

register = template.Library()

register.filter("country", country_name)
