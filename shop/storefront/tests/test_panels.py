"""The panel of a list is remembered, and never says what belongs to another list."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import RequestFactory

from shop.showcase.rules import Card, Link, Listing, OptionFacet, Shelf
from shop.storefront import panels
from shop.storefront.lists import Steps, Wish

pytestmark = pytest.mark.once

COLOURS = OptionFacet("colour", "colour", (("red", "Red & <b>"), ("blue", "Blue")))
SHELF = Shelf(3, "Kitchen", below=(Link(4, "Cups"),))
NOTHING: Listing[Card] = Listing(entries=(), next=None, previous=None)


def steps(address: str, **facts: Any) -> Steps:
    wish = Wish.read(RequestFactory().get(address))
    return replace(Steps(wish, NOTHING, (COLOURS,), (SHELF,)), **facts)


# Each differs from the first one in one thing that a panel shows.
LISTS = [
    steps("/products/"),
    steps("/3/"),
    steps("/products/?sort=price"),
    steps("/products/?in_stock=1"),
    steps("/products/?price_from=5&price_to=9.50"),
    steps("/products/?options=colour:red"),
    steps("/products/?category=3"),
    steps("/products/?category=4"),
    steps("/products/?price_from=x"),
    steps("/products/?price_from=9&price_to=5"),
    steps("/products/", options=(replace(COLOURS, name="hue"),)),
    steps("/products/", options=()),
    steps("/products/", shelves=()),
    steps("/products/", shelves=(replace(SHELF, name="Kitchens"),)),
]


def test_a_panel_that_is_remembered_is_the_one_that_would_be_drawn() -> None:
    panels._drawn.cache_clear()
    drawn = [panels._draw(each) for each in LISTS]
    for _ in range(2):
        assert [panels.filters_of(each) for each in LISTS] == drawn
    assert len(set(drawn)) == len(LISTS)


def test_all_pages_of_a_list_have_one_panel() -> None:
    panels._drawn.cache_clear()
    first, second = steps("/products/?sort=price"), steps("/products/?sort=price&cursor=abc")
    assert panels.filters_of(first) == panels._draw(second)
    panels.filters_of(second)
    assert panels._drawn.cache_info().hits == 1


def test_a_mistake_is_remembered_by_nobody() -> None:
    panels._drawn.cache_clear()
    assert "Please give a price like 9.50." in panels.filters_of(steps("/products/?price_from=x"))
    assert panels._drawn.cache_info().currsize == 0


def test_what_a_developer_changes_is_seen_at_once(settings: Any) -> None:
    panels._drawn.cache_clear()
    settings.DEBUG = True
    panels.filters_of(steps("/products/"))
    assert panels._drawn.cache_info().currsize == 0


def test_names_are_text_and_never_markup() -> None:
    panel = panels.filters_of(steps("/products/"))
    assert "Red &amp; &lt;b&gt;" in panel
    assert 'id="colour:red" href="/products/?options=colour:red"' in panel
