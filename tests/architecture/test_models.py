"""Foreign keys point down, every constraint exists on every database, and each has its name."""

import ast
from collections.abc import Callable, Iterable, Iterator

import pytest
from django.db import connection

from tests.architecture import tables
from tests.architecture.house import Source, Violation, imports_of, shop_sources
from tests.architecture.tables import Model, shop_models

pytestmark = pytest.mark.once

# Unique fields whose constraint has no name of ours.
UNIQUE_FIELDS = {
    "accounts.User.username": "Django's authentication asks it of the field itself",
    "catalog.Category.path": "treebeard's own field",
}
# Decimals with another number of places than money has.
DECIMALS: dict[str, str] = {}

Check = Callable[[Iterable[Model]], Iterator[str]]

CHECKS: dict[str, Check] = {
    "links point down": tables.links_upwards,
    "links have a direction": tables.links_without_direction,
    "constraints are portable": tables.unportable_constraints,
    "indexes are portable": tables.unportable_indexes,
    "indexes are named": tables.unnamed_indexes,
    "keys are named": lambda found: tables.unnamed_keys(found, reasons=UNIQUE_FIELDS),
    "names are unique": tables.names_given_twice,
    "decimals have two places": lambda found: tables.odd_decimals(found, reasons=DECIMALS),
    "checks only compare": tables.checks_that_calculate,
}

_LINKS = {"ForeignKey", "OneToOneField", "ManyToManyField"}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_the_models_keep_to_the_rules(check: Check) -> None:
    found = shop_models()
    assert {"catalog.Variant", "orders.Order"} <= {model._meta.label for model in found}
    assert not list(check(found))


@pytest.mark.parametrize(
    ("check", "reasons"), [(tables.unnamed_keys, UNIQUE_FIELDS), (tables.odd_decimals, DECIMALS)]
)
def test_the_reasons_are_still_needed(
    check: Callable[..., Iterator[str]], reasons: tables.Reasons
) -> None:
    excused = " ".join(check(shop_models(), reasons={}))
    assert not [path for path in reasons if path not in excused]


def test_labels_are_the_names_of_packages() -> None:
    """Strings such as `catalog.Variant` rely on it, and so do the checks."""
    labels = {model.__module__.split(".")[1]: model._meta.app_label for model in shop_models()}
    assert labels == {package: package for package in labels}


@pytest.mark.django_db
def test_the_database_has_what_the_models_declare() -> None:
    missing: list[str] = []
    with connection.cursor() as cursor:
        for model in shop_models():
            there = connection.introspection.get_constraints(cursor, model._meta.db_table)
            missing += tables.absent(model, there)
    assert not missing


def linked_classes(source: Source) -> Iterator[Violation]:
    """Models of other packages are named in strings, so that no model's file imports another's."""
    foreign = {
        found.bound
        for found in imports_of(source)
        if found.module[0] == "shop" and found.module[1:2] != (source.package,)
    }
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] not in _LINKS:
            continue
        for argument in [*node.args[:1], *(word.value for word in node.keywords)]:
            if ast.unparse(argument).split(".")[0] in foreign:
                yield source.violation(argument, "a model of another package is named in a string")


def test_models_of_other_packages_are_strings() -> None:
    found = [source for source in shop_sources() if source.role == "models"]
    assert "shop/orders/models.py" in {source.path for source in found}
    assert not [str(violation) for source in found for violation in linked_classes(source)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from shop.catalog.models import Variant\nForeignKey(Variant, CASCADE)", True),
        ("from shop.catalog import models as m\nmodels.ForeignKey(to=m.Variant)", True),
        ("from shop.catalog import models\nForeignKey(to=models.Variant)", True),
        ("import shop.catalog.models\nOneToOneField(shop.catalog.models.Variant)", True),
        ("from shop.catalog.models import A\nManyToManyField('x.Y', through=A)", True),
        ("from shop.orders.models import Order\nForeignKey(Order, CASCADE)", False),
        ("class Order: ...\nForeignKey(Order, CASCADE)", False),
        ("models.ForeignKey('catalog.Variant', models.CASCADE)", False),
        ("models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)", False),
    ],
)
def test_classes_of_other_packages_are_seen(text: str, found: bool) -> None:
    assert bool(list(linked_classes(Source.parse("shop/orders/models.py", text)))) is found
