"""The choices of a list: some dozens on each page, so they are written without a template."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from shop.storefront.lists import Step

register = template.Library()

_PLAIN = '<a class="tick" id="{}" href="{}" rel="nofollow">{}</a>'
_ON = (
    '<a class="tick" id="{}" href="{}" rel="nofollow" aria-current="true">'
    '<span class="unseen">Remove the filter </span>{}</a>'
)


@register.simple_tag
def tick(step: Step) -> SafeString:
    """Draw a link that chooses something, or takes the choice back where it is made."""
    return format_html(_ON if step.is_on else _PLAIN, step.key, step.address, step.label)


@register.simple_tag
def ticks(steps: tuple[Step, ...]) -> SafeString:
    """Draw a list of such links."""
    items = "".join(f"<li>{tick(step)}</li>" for step in steps)
    return mark_safe(items)  # noqa: S308  (each of them is written above)
