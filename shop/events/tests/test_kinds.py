"""What is declared: the schema that others read, and the check that we make, are one."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.events.actions.registering import declare, handlers, kinds
from shop.events.rules import (
    AMOUNT,
    NUMBER,
    TEXT,
    Kind,
    PayloadMisfitError,
    many,
    optional,
    record,
    subject_of,
)

pytestmark = pytest.mark.once

PARCEL = Kind(
    "parcel.sent",
    "A parcel has left.",
    {
        "id": NUMBER,
        "paid": optional(AMOUNT),
        "lines": many(record({"sku": TEXT, "units": NUMBER})),
    },
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["1.00", "-12.50", "1.0", "01.000", "1.00\n", "\u0661.00"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["sku", "units", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
lines = st.lists(
    st.fixed_dictionaries({"sku": st.text(max_size=3) | values, "units": st.integers() | values}),
    max_size=2,
)
payloads = st.fixed_dictionaries(
    {"id": st.integers() | values, "paid": values, "lines": lines | values},
    optional={"more": values},
)


@given(payload=payloads)
def test_whoever_checks_by_the_schema_finds_what_we_find(payload: dict[str, Any]) -> None:
    by_schema = jsonschema.Draft202012Validator(PARCEL.schema).is_valid(payload)

    assert fits(payload) == by_schema


def fits(payload: dict[str, Any]) -> bool:
    try:
        PARCEL.check(payload)
    except PayloadMisfitError:
        return False
    return True


def test_what_fits_and_what_does_not() -> None:
    good = {"id": 7, "paid": "12.50", "lines": [{"sku": "mug", "units": 2}]}
    assert fits(good)
    assert fits(good | {"paid": None})
    wrong: list[dict[str, Any]] = [
        {"id": "7"},
        {"id": True},
        {"id": 2**53},
        {"paid": 12.5},
        {"paid": "12.5"},
        {"lines": []},
        {"lines": [{"sku": "mug"}]},
        {"lines": [{"sku": "mug", "units": 2, "colour": "red"}]},
    ]
    assert [change for change in wrong if fits(good | change)] == []


def test_every_name_is_somebodys_and_is_said_in_a_sentence() -> None:
    assert len(kinds) >= 30
    for kind in kinds.values():
        area, _, what = kind.name.partition(".")
        assert area.isalpha(), kind.name
        assert what.replace("_", "").isalpha(), kind.name
        assert kind.says.endswith("."), kind.name
        assert kind.version >= 1
        jsonschema.Draft202012Validator.check_schema(kind.schema)


def test_nobody_waits_for_news_that_never_come() -> None:
    assert {name for name, listeners in handlers.items() if listeners} <= kinds.keys()


def test_a_name_is_declared_once() -> None:
    known = kinds["order.placed"]

    declare([known])
    with pytest.raises(ValueError, match=r"order\.placed is declared twice"):
        declare([Kind("order.placed", "Something else.")])

    assert kinds["order.placed"] is known


@pytest.mark.parametrize(
    ("ids", "subject"), [([7], "product:7"), ([9, 7, 8], "product:7-9"), ([7, 7], "product:7")]
)
def test_the_subject_of_many_is_the_batch(ids: list[int], subject: str) -> None:
    assert subject_of("product", ids) == subject
