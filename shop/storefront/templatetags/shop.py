"""What every page says of the shop itself."""

from datetime import datetime
from textwrap import shorten

from django import template
from django.conf import settings
from django.utils import timezone

from shop.lib.requests import current_id

register = template.Library()

# About as much as search engines show.
_BRIEF = 160


@register.simple_tag
def shop_name() -> str:
    """Return what the shop is called."""
    return str(settings.SHOP_NAME)


@register.simple_tag
def reference() -> str:
    """Return the number by which the log knows this request; empty outside of any."""
    return current_id()


@register.filter
def brief(text: str) -> str:
    """Return the beginning of a text, in one line and of whole words."""
    return shorten(text, _BRIEF, placeholder="…")


@register.filter
def seconds_left(until: datetime) -> int:
    """Return how many whole seconds there are until then, 0 where it is past."""
    return max(0, int((until - timezone.now()).total_seconds()))
