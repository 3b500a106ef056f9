"""The panel by which a list is narrowed down: the same on all of its pages, so drawn for one."""

from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from shop.showcase.rules import NO_CARDS, Filters, OptionFacet, Shelf, Sorting
from shop.storefront.lists import Steps, Wish

# Of some ten kilobytes each.
_MOST = 256


def filters_of(steps: Steps) -> SafeString:
    """Draw what a list can be narrowed down by, and where it was mistyped.

    It is remembered by all that it is made of, so it cannot be older than that.
    """
    wish = steps.wish
    if wish.mistakes or settings.DEBUG:
        return _draw(steps)
    return _drawn(wish.path, wish.filters, wish.sorting, tuple(steps.options), tuple(steps.shelves))


@lru_cache(_MOST)
def _drawn(
    path: str,
    filters: Filters,
    sorting: Sorting,
    options: tuple[OptionFacet, ...],
    shelves: tuple[Shelf, ...],
) -> SafeString:
    wish = Wish(path=path, filters=filters, sorting=sorting, cursor="", said=())
    return _draw(Steps(wish, NO_CARDS, options, shelves))


def _draw(steps: Steps) -> SafeString:
    return render_to_string("storefront/parts/filters.html", {"steps": steps})
