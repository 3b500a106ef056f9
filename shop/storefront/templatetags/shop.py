"""What every page says of the shop itself."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def shop_name() -> str:
    """Return what the shop is called."""
    return str(settings.SHOP_NAME)
