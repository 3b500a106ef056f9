"""Every refusal of the shop has a status and a sentence, and no sentence lacks its refusal."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from http import HTTPStatus

import pytest

import shop
from shop.cart.errors import InvalidQuantity, NotForSale
from shop.catalog.errors import InvalidProduct, Problem
from shop.checkout.errors import TotalChanged
from shop.inventory.errors import NotEnoughStock
from shop.lib.refusals import Refusal
from shop.storefront.sentences import SENTENCES, sentence_of, status_of

pytestmark = pytest.mark.once


def refusals() -> list[type[Refusal]]:
    """Return every refusal in the code of the shop, wherever it is written down."""
    for module in pkgutil.walk_packages(shop.__path__, "shop."):
        if not {"tests", "management", "migrations"} & set(module.name.split(".")):
            importlib.import_module(module.name)
    return list(_below(Refusal))


def _below(refusal: type[Refusal]) -> Iterator[type[Refusal]]:
    for found in refusal.__subclasses__():
        yield from _below(found)
        if found.__module__.startswith("shop.") and "tests" not in found.__module__:
            yield found


def test_every_refusal_is_found() -> None:
    codes = {refusal.code for refusal in refusals()}
    assert {
        "busy",
        "not_enough_stock",
        "total_changed",
        "invalid_cursor",
        "ticket_expired",
    } <= codes


def test_every_refusal_has_its_sentence_and_no_sentence_is_left_over() -> None:
    assert {refusal.code for refusal in refusals()} == set(SENTENCES)


def test_sentences_use_only_what_a_refusal_says() -> None:
    for refusal in refusals():
        wanted = set(re.findall(r"{(\w+)", SENTENCES[refusal.code][1]))
        assert wanted <= {field.name for field in fields(refusal)}, refusal.code


@pytest.mark.parametrize(("status", "sentence"), SENTENCES.values())
def test_a_sentence_is_one_and_its_status_is_no_success(status: HTTPStatus, sentence: str) -> None:
    assert 400 <= status <= 503
    assert sentence[0].isupper() or sentence[0] == "{"
    assert sentence[-1] == "."


def test_sentences_are_for_people() -> None:
    changed = TotalChanged(expected=Decimal("1234.5"), total=Decimal("0.1"))
    assert sentence_of(changed) == (
        "Your order now costs £0.10, not £1,234.50. Please check it and order again."
    )
    assert status_of(changed) == HTTPStatus.CONFLICT
    quantity = InvalidQuantity(quantity=0, limit=100_000)
    assert sentence_of(quantity) == "Please choose a quantity between 1 and 100,000."
    assert sentence_of(InvalidQuantity(quantity=0, limit=100_000, in_cart=7)) == (
        "You can order up to 100,000 of it, and your cart has 7 already."
    )
    short = NotEnoughStock(sku="s", variant_id=1, wanted=5000, available=6, name="Apron, S")
    assert sentence_of(short) == "Only 6 left of Apron, S; you want 5,000."
    none = NotEnoughStock(sku="l", variant_id=1, wanted=1, available=0, name="Apron, L")
    assert sentence_of(none) == "Apron, L is sold out."
    invalid = InvalidProduct(sku="x", field="price", problem=Problem.NOT_AN_AMOUNT)
    assert sentence_of(invalid) == "Product x cannot be saved: price is not an amount."
    assert sentence_of(NotForSale(name="")) == "Not for sale any more: this product."
    assert sentence_of(NotForSale(name="{x}")) == "Not for sale any more: {x}."
