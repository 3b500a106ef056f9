"""What an audit finds where a value should be there once."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from shop.lib.breaches import Breach, repeated_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def permissions() -> QuerySet[Permission]:
    """Four permissions, in an order of their own, of which two have one name."""
    kind = ContentType.objects.create(app_label="test", model="test")
    for codename, name in [("a", "x"), ("b", "x"), ("c", "y"), ("d", "z")]:
        Permission.objects.create(content_type=kind, codename=codename, name=name)
    return Permission.objects.filter(content_type=kind).order_by("codename")


def test_every_repeated_value_is_named_once(permissions: QuerySet[Permission]) -> None:
    found = repeated_values(permissions, "name", invariant="one-name", row="permission")

    assert list(found) == [Breach("one-name", "permission x", "there are 2 of them")]


def test_values_are_repeated_only_together(permissions: QuerySet[Permission]) -> None:
    found = repeated_values(permissions, "name", "codename", invariant="one", row="permission")

    assert list(found) == []


def test_several_values_are_named_together(permissions: QuerySet[Permission]) -> None:
    kind = permissions[0].content_type_id
    found = repeated_values(permissions, "content_type_id", "name", invariant="one", row="row")

    assert list(found) == [Breach("one", f"row {kind} x", "there are 2 of them")]
