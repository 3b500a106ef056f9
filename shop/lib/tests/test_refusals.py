"""Refusals: a code and data, no sentence."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from shop.lib.refusals import Busy, Refusal

pytestmark = pytest.mark.once


@dataclass(eq=False)
class TooDear(Refusal):
    """It costs more than somebody has."""

    code: ClassVar[str] = "too_dear"
    price: int
    purse: int


def test_a_refusal_carries_its_data_and_not_its_code() -> None:
    refusal = TooDear(price=3, purse=2)

    assert refusal.data == {"price": 3, "purse": 2}
    assert refusal.code == "too_dear"
    assert str(refusal) == "too_dear {'price': 3, 'purse': 2}"


def test_a_refusal_is_raised_and_caught_like_any_exception() -> None:
    with pytest.raises(Refusal) as caught:
        raise TooDear(price=3, purse=2)

    assert isinstance(caught.value, TooDear)
    assert caught.value.purse == 2


def test_refusals_are_each_their_own() -> None:
    """Two that say the same are two: an exception is compared and hashed by what it is."""
    first, second = TooDear(3, 2), TooDear(3, 2)

    assert first != second
    assert len({first, second}) == 2


def test_busy_has_nothing_to_tell() -> None:
    assert (Busy.code, Busy().data) == ("busy", {})
