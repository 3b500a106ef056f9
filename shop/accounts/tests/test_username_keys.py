"""The migration that gives every account the key of its username."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from shop.accounts.models import User

migration = importlib.import_module("shop.accounts.migrations.0003_usernames_in_any_case")


@pytest.mark.django_db
def test_of_two_that_differ_only_in_case_the_older_keeps_its_name() -> None:
    users = [User.objects.create(username=f"user{number}") for number in range(5)]
    first, second, third, fourth, fifth = (user.id for user in users)
    # Somebody is called already as the third would be.
    names = ["Maya", "bob", "maya", "MAYA", f"MAYA-{third}"]
    for user, name in zip(users, names, strict=True):
        User.objects.filter(id=user.id).update(username=name, username_key=f"none of {user.id}")

    migration.fill_keys(apps, SimpleNamespace(connection=connection))

    assert set(User.objects.values_list("id", "username", "username_key")) == {
        (first, "Maya", "maya"),
        (second, "bob", "bob"),
        (third, f"maya-{third}-2", f"maya-{third}-2"),
        (fourth, f"MAYA-{fourth}", f"maya-{fourth}"),
        (fifth, f"MAYA-{third}", f"maya-{third}"),
    }


@pytest.mark.parametrize("username", ["x" * 150, "\u0390" * 150])
def test_a_long_name_has_room_for_its_ending(username: str) -> None:
    name = migration.free_name(username, 10**18, set())
    assert name.endswith("-1000000000000000000")
    assert migration.key_of(name).endswith("-1000000000000000000")
    assert len(name) <= migration.LONGEST
