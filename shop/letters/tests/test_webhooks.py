"""Staff are written to when a webhook is disabled."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import transaction

from shop.accounts.models import User
from shop.events import actions as events
from shop.letters.models import Letter
from tests.builders import deliver_all

pytestmark = pytest.mark.django_db

URL = "https://erp.example/"


def person(name: str, **facts: Any) -> User:
    user = User.objects.create(username=name, **{"email": f"{name}@example.com", **facts})
    user.groups.set(Group.objects.filter(name="Everything"))
    return user


def disabled(reason: str, webhook_id: int) -> None:
    payload = {"webhook_id": webhook_id, "reason": reason}
    with transaction.atomic():
        events.emit(name="webhook.disabled", subject="webhook:1", payload=payload)
    deliver_all()


@pytest.mark.parametrize(
    ("reason", "words"), [("failing", "accepted nothing for a day"), ("gone", "is gone (410)")]
)
def test_those_who_can_do_something_are_told(reason: str, words: str, settings: Any) -> None:
    settings.STAFF_MAIL = ["desk@example.com", "sam@example.com"]
    person("sam", is_staff=True)
    person("anna", is_staff=True)
    person("locked", is_staff=True, is_active=False)
    person("silent", is_staff=True, email="")
    person("shopper")
    User.objects.create(username="clerk", email="clerk@example.com", is_staff=True)
    User.objects.create(username="boss", email="boss@example.com", is_staff=True, is_superuser=True)
    hook = events.add_webhook(url=URL, event_names=["order.paid"])

    disabled(reason, hook.id)

    told = sorted(letter.to[0] for letter in mail.outbox)
    assert told == [f"{name}@example.com" for name in ("anna", "boss", "desk", "sam")]
    body = str(mail.outbox[0].body)
    assert URL in body
    assert words in body


def test_of_a_webhook_that_was_removed_meanwhile_nobody_is_told() -> None:
    person("sam", is_staff=True)
    disabled("gone", 2**40)
    assert not Letter.objects.exists()
