"""Staff are written to when a webhook is disabled."""

from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from shop.backoffice.tests.desk import boss, member
from shop.events import actions as events

pytestmark = pytest.mark.django_db


def disabled(reason: str, capture: Any) -> None:
    new = events.add_webhook(url="https://erp.example/", event_names=["order.paid"])
    payload = {"webhook_id": new.id, "reason": reason}
    with capture(execute=True):
        with transaction.atomic():
            events.emit(name="webhook.disabled", subject="webhook:1", payload=payload)
        events.deliver_due()


@pytest.mark.parametrize(
    ("reason", "words"), [("failing", "accepted nothing for a day"), ("gone", "is gone (410)")]
)
def test_those_who_can_do_something_are_told(
    reason: str, words: str, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    boss()
    member("sam", "Everything")
    member("clerk")
    member("locked", "Everything", is_active=False)
    silent = member("silent", "Everything")
    silent.email = ""
    silent.save()
    member("shopper", "Everything", is_staff=False)

    disabled(reason, django_capture_on_commit_callbacks)

    assert sorted(letter.to[0] for letter in mail.outbox) == ["boss@example.com", "sam@example.com"]
    assert {letter.subject for letter in mail.outbox} == {"Tern & Tide: a webhook is disabled"}
    assert "    https://erp.example/\n" in mail.outbox[0].body
    assert words in mail.outbox[0].body


def test_a_mail_server_that_is_away_holds_nothing_up(
    settings: Any, monkeypatch: Any, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    boss()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    disabled("gone", django_capture_on_commit_callbacks)

    assert events.deliver_due() == 0
    assert "Nobody could be written to about the webhook https://erp.example/" in caplog.text


def test_of_a_webhook_that_was_removed_meanwhile_nobody_is_told(
    django_capture_on_commit_callbacks: Any,
) -> None:
    boss()
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            payload = {"webhook_id": 2**40, "reason": "gone"}
            events.emit(name="webhook.disabled", subject="webhook:1", payload=payload)
        events.deliver_due()
    assert mail.outbox == []
    assert events.deliver_due() == 0
