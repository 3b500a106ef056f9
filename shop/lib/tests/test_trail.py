"""What is written in one statement is noted for each row that it changed, and only for those."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth import get_user_model

from shop.lib.trail import noting

pytestmark = pytest.mark.django_db


@pytest.fixture
def users(alice: Any, bob: Any) -> list[int]:
    """Alice and Bob, of whom nothing is noted yet."""
    LogEntry.objects.all().delete()
    return [alice.pk, bob.pk]


def noted() -> list[tuple[int, dict[str, Any]]]:
    return list(LogEntry.objects.order_by("object_id").values_list("object_id", "changes"))


def test_each_row_that_changed_is_noted(users: list[int], alice: Any) -> None:
    rows = get_user_model().objects.filter(pk__in=users)
    alice.city = "Leeds"
    alice.save()
    LogEntry.objects.all().delete()
    with noting(get_user_model(), users, "city", "first_name"):
        rows.update(city="Leeds")
    assert noted() == [(users[1], {"city": ["", "Leeds"]})]


def test_what_is_heard_anyway_is_not_noted_twice(users: list[int], alice: Any) -> None:
    with noting(get_user_model(), users, "first_name"):
        alice.first_name = "Alice"
        alice.save()
    assert noted() == [(alice.pk, {"first_name": ["", "Alice"]})]


def test_nothing_is_noted_of_what_was_left_or_is_gone(users: list[int], alice: Any) -> None:
    with noting(get_user_model(), users, "city"):
        alice.delete()
    assert noted() == []


def test_what_fails_is_not_noted_and_the_log_goes_on(users: list[int], alice: Any) -> None:
    def fails() -> None:
        with noting(get_user_model(), users, "city"):
            get_user_model().objects.update(city="Leeds")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert noted() == []
    alice.first_name = "Alice"
    alice.save(update_fields=["first_name"])
    assert len(noted()) == 1


def test_a_row_can_be_described_in_other_words(users: list[int]) -> None:
    seen = iter([{users[0]: {"place": "here"}}, {users[0]: {"place": "there"}}])
    with noting(get_user_model(), users[:1], describe=lambda _: next(seen)):
        pass
    assert noted() == [(users[0], {"place": ["here", "there"]})]
