"""Bodies are what the library makes of them, only sooner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from rest_framework import serializers

from shop.api.rendering import made, rendered
from shop.orders.rules import OrderStatus

UNIT = UUID("01234567-89ab-cdef-0123-456789abcdef")


class PartBody(serializers.Serializer[Any]):
    """What stands inside something else."""

    name = serializers.CharField()
    price = serializers.DecimalField(14, 2, allow_null=True)


class LoudBody(PartBody):
    """One that writes itself in its own way."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"loud": str(instance["name"]).upper()}


class WholeBody(serializers.Serializer[Any]):
    """All that there is."""

    id = serializers.IntegerField(source="number")
    unit = serializers.UUIDField()
    title = serializers.CharField()
    is_open = serializers.BooleanField()
    share = serializers.DecimalField(3, 2)
    at = serializers.DateTimeField()
    city = serializers.CharField(source="place.city")
    status = serializers.ChoiceField([status.value for status in OrderStatus])
    note = serializers.CharField(required=False)
    secret = serializers.CharField(write_only=True)
    greeting = serializers.SerializerMethodField()
    part = PartBody(allow_null=True)
    parts = PartBody(many=True)
    loud = LoudBody()

    def get_greeting(self, facts: Any) -> str:
        return "Hello"


@dataclass(frozen=True, slots=True)
class Part:
    """The facts of a part."""

    name: str
    price: Decimal | None


FACTS = {
    "number": 7,
    "unit": UNIT,
    "title": "Mug",
    "is_open": True,
    "share": Decimal("0.125"),
    "at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "place": SimpleNamespace(city=lambda: "Leeds"),
    "status": OrderStatus.PENDING.value,
    "part": Part("Lid", Decimal("1.5")),
    "parts": [Part("Lid", Decimal("1E+1")), {"name": "Handle", "price": None}],
    "loud": {"name": "lid"},
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"note": "said"},
        {"note": None},
        {"number": "7", "title": 7, "is_open": "yes", "share": "0.5", "part": None, "parts": []},
        {"share": Decimal("-0.001"), "parts": (Part("Lid", Decimal(0)),)},
        {"title": lambda: "called"},
    ],
)
def test_they_are_what_the_library_makes_of_the_same_facts(change: Mapping[str, Any]) -> None:
    facts = {**FACTS, **change}
    expected = made(WholeBody).to_representation(facts)
    assert rendered(WholeBody, facts) == expected
    assert list(rendered(WholeBody, SimpleNamespace(**facts))) == list(expected)
    assert rendered(WholeBody, SimpleNamespace(**facts)) == expected


def test_an_amount_is_rounded_as_the_library_rounds() -> None:
    for amount in ("0.005", "0.015", "2.675", "12.345", "-1.005"):
        facts = {"name": "Lid", "price": Decimal(amount)}
        assert rendered(PartBody, facts) == made(PartBody).to_representation(facts)


def test_what_is_missing_is_said_as_the_library_says_it() -> None:
    facts = {name: value for name, value in FACTS.items() if name != "title"}
    with pytest.raises(KeyError, match="title"):
        rendered(WholeBody, facts)
