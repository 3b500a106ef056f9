"""The rules for models find what breaks them, shown on models made up for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.db.models.lookups import GreaterThan
from django.test.utils import isolate_apps

from tests.architecture import tables
from tests.architecture.tables import Model


@pytest.fixture(autouse=True)
def _registry_of_its_own() -> Iterator[None]:
    with isolate_apps():
        yield


def made(package: str, *, name: str = "Thing", meta: Any = None, **fields: Any) -> Model:
    """Make a model of the package; `meta` holds the options of its Meta."""
    options = type("Meta", (), {"app_label": package, **(meta or {})})
    return type(name, (models.Model,), {"__module__": __name__, "Meta": options, **fields})


@pytest.mark.parametrize(
    "link",
    [
        lambda to: models.ForeignKey(to, models.CASCADE),
        lambda to: models.OneToOneField(to, models.CASCADE),
        models.ManyToManyField,
    ],
)
@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("catalog", "orders", ["catalog.Thing.link points from catalog to orders, not down"]),
        ("cart", "orders", ["cart.Thing.link points from cart to orders, not down"]),
        ("orders", "catalog", []),
        ("orders", "orders", []),
        ("orders", "auth", []),
    ],
)
def test_links_upwards_and_sideways_are_seen(
    link: Callable[[Model], Any], source: str, target: str, found: list[str]
) -> None:
    other = made(target, name="Other")
    assert list(tables.links_upwards([made(source, link=link(other))])) == found


def test_generic_links_are_seen() -> None:
    model = made(
        "orders",
        kind=models.IntegerField(),
        key=models.IntegerField(),
        thing=GenericForeignKey("kind", "key"),
    )
    assert list(tables.links_without_direction([model])) == [
        "orders.Thing.thing can point anywhere"
    ]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, False),
        ({"condition": Q(a=1)}, True),
        ({"deferrable": models.Deferrable.DEFERRED}, True),
        ({"include": ["b"]}, True),
        ({"nulls_distinct": False}, True),
        ({"nulls_distinct": True}, True),
        ({"opclasses": ["text_pattern_ops"]}, True),
    ],
)
def test_unique_constraints_that_some_databases_drop_are_seen(
    options: dict[str, Any], found: bool
) -> None:
    constraint = models.UniqueConstraint(fields=["a"], name="thing_once", **options)
    assert bool(list(tables.unportable_constraints([_with_numbers(constraint)]))) is found


def test_unique_expressions_are_seen() -> None:
    constraint = models.UniqueConstraint(Lower("a"), name="thing_once")
    assert list(tables.unportable_constraints([_with_numbers(constraint)])) == [
        "orders.Thing: thing_once is not unique on every database"
    ]


def test_constraints_of_one_database_are_seen() -> None:
    class Exclusion(models.BaseConstraint):
        pass

    assert list(tables.unportable_constraints([_with_numbers(Exclusion(name="no_overlap"))])) == [
        "orders.Thing: no_overlap does not exist on every database"
    ]


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (models.Index(fields=["a", "-b"], name="things_by_a"), False),
        (models.Index(fields=["a"], name="things_by_a", condition=Q(a=1)), True),
        (models.Index(Lower("a"), name="things_by_a"), True),
        (models.Index(fields=["a"], name="things_by_a", include=["b"]), True),
        (type("GinIndex", (models.Index,), {})(fields=["a"], name="things_by_a"), True),
    ],
)
def test_indexes_that_some_databases_drop_are_seen(index: models.Index, found: bool) -> None:
    model = made("orders", a=models.IntegerField(), meta={"indexes": [index]})
    assert bool(list(tables.unportable_indexes([model]))) is found


def test_indexes_without_a_name_are_seen() -> None:
    model = made(
        "orders",
        a=models.IntegerField(),
        b=models.IntegerField(db_index=True),
        meta={"indexes": [models.Index(fields=["a"]), models.Index(fields=["b"], name="by_b")]},
    )
    generated = model._meta.indexes[0].name
    assert list(tables.unnamed_indexes([model])) == [
        f"orders.Thing: {generated} is no name for an index",
        "orders.Thing.b has an index without a name",
    ]


def test_keys_without_a_name_are_seen() -> None:
    other = made("orders", name="Other")
    model = made(
        "orders",
        key=models.UUIDField(primary_key=True),
        other=models.OneToOneField(other, models.CASCADE),
        sku=models.IntegerField(unique=True),
        path=models.IntegerField(unique=True),
        meta={"unique_together": [("sku", "path")]},
    )
    assert list(tables.unnamed_keys([model], reasons={"orders.Thing.path": "not ours"})) == [
        "orders.Thing has unique_together: name a UniqueConstraint",
        "orders.Thing.sku is unique without a name: name a UniqueConstraint",
    ]


def test_names_given_twice_are_seen() -> None:
    twice = models.UniqueConstraint(fields=["a"], name="things_by_a")
    index = models.Index(fields=["a"], name="things_by_a")
    found = [_with_numbers(twice), made("cart", a=models.IntegerField(), meta={"indexes": [index]})]
    assert list(tables.names_given_twice(found)) == ["things_by_a is the name of 2 things"]


def test_odd_decimals_are_seen() -> None:
    model = made(
        "orders",
        price=models.DecimalField(max_digits=9, decimal_places=2),
        weight=models.DecimalField(max_digits=9, decimal_places=3),
        rate=models.DecimalField(max_digits=9, decimal_places=4),
    )
    assert list(tables.odd_decimals([model], reasons={"orders.Thing.rate": "a tax rate"})) == [
        "orders.Thing.weight has 3 decimal places"
    ]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Q(a__lte=F("b")), False),
        (Q(a__in=[1, 2]) | ~Q(b=3), False),
        (GreaterThan(F("a"), F("b")), False),
        (Q(a=F("b") + F("a")), True),
        (Q(a=1) | Q(~Q(a__lte=F("b") * 2)), True),
        (Q(a__range=(0, F("b") - 1)), True),
        (GreaterThan(F("a") + F("b"), 0), True),
        (Q(GreaterThan(Lower(F("a") + F("b")), 0)), True),
    ],
)
def test_checks_that_calculate_are_seen(condition: Any, found: bool) -> None:
    check = models.CheckConstraint(condition=condition, name="thing_adds_up")
    assert bool(list(tables.checks_that_calculate([_with_numbers(check)]))) is found


def test_what_the_database_lacks_is_seen() -> None:
    check = models.CheckConstraint(condition=Q(a__gte=0), name="a_not_negative")
    once = models.UniqueConstraint(fields=["a", "b"], name="ab_once")
    by_b = models.Index(fields=["-b"], name="by_b")
    model = _with_numbers(check, once, indexes=[by_b])
    complete = {
        "a_not_negative": {"check": True, "unique": False, "index": False, "columns": ["a"]},
        "ab_once": {"check": False, "unique": True, "index": True, "columns": ["a", "b"]},
        "by_b": {"check": False, "unique": False, "index": True, "columns": ["b"]},
    }
    assert not list(tables.absent(model, complete))
    assert list(tables.absent(model, {})) == [
        "orders_thing has no check a_not_negative",
        "orders_thing has no unique ab_once",
        "orders_thing has no index by_b",
    ]
    turned = complete | {"ab_once": complete["ab_once"] | {"columns": ["b", "a"]}}
    assert list(tables.absent(model, turned)) == [
        "orders_thing: ab_once is over ['b', 'a'], not ['a', 'b']"
    ]
    weak = complete | {"ab_once": complete["ab_once"] | {"unique": False}}
    assert list(tables.absent(model, weak)) == ["orders_thing has no unique ab_once"]


def _with_numbers(*constraints: Any, indexes: Any = ()) -> Model:
    """Make a model of orders with two number columns and these constraints."""
    meta = {"constraints": constraints, "indexes": indexes}
    return made("orders", a=models.IntegerField(), b=models.IntegerField(), meta=meta)
