"""Webhooks as staff manage them: what they may be, their secrets, their end."""

import base64
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.utils import timezone

from shop.events import actions
from shop.events.errors import (
    InvalidWebhookUrl,
    TooManyWebhooks,
    UnknownEvents,
    UnknownWebhook,
    WebhookIsOff,
)
from shop.events.models import Delivery, DeliveryAttempt, Webhook
from shop.events.rules import EVERY_EVENT, MOST_WEBHOOKS
from shop.lib.texts import UnprintableText

pytestmark = pytest.mark.django_db

URL = "https://erp.example/hook"


def added(url: str = URL, *names: str, **facts: Any) -> Webhook:
    found = actions.add_webhook(url=url, event_names=names or ["order.paid"], **facts)
    return Webhook.objects.get(id=found.id)


def test_a_webhook_has_a_secret_that_its_receiver_gets_once() -> None:
    new = actions.add_webhook(
        url=f" {URL} ",
        event_names=["order.paid", "order.placed", "order.paid"],
        description=" ERP ",
    )
    hook = Webhook.objects.get()
    assert (hook.pk, hook.url, hook.description) == (new.id, URL, "ERP")
    assert hook.event_names == ["order.paid", "order.placed"]
    assert (hook.state, hook.secret, hook.former_secret) == ("Enabled", new.secret, "")
    prefix, _, key = new.secret.partition("_")
    assert (prefix, len(base64.b64decode(key, validate=True))) == ("whsec", 32)
    assert added().secret != new.secret


def test_every_event_is_more_than_any_others() -> None:
    assert added(URL, "order.paid", EVERY_EVENT).event_names == [EVERY_EVENT]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://erp.example/hook", "not https"),
        ("ftp://erp.example/", "not https"),
        ("erp", "not https"),
        ("https://me:pass@erp.example/", "with a name or password in it"),
        ("https://erp.example:22/", "at a port that is not for the web"),
        ("https://127.0.0.1/", "private"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("https://169.254.169.254/latest", "private"),
        ("https://erp.example/\x00", "no address"),
        ("https://erp.example/" + "a" * 500, "too long"),
    ],
)
def test_an_address_that_is_not_called_is_refused(url: str, problem: str) -> None:
    hook = added()
    with pytest.raises(InvalidWebhookUrl) as refused:
        actions.add_webhook(url=url, event_names=["order.paid"])
    with pytest.raises(InvalidWebhookUrl):
        actions.change_webhook(webhook_id=hook.pk, changes={"url": url, "description": "x"})
    assert refused.value.problem == problem
    assert list(Webhook.objects.values_list("url", "description")) == [(URL, "")]


def test_networks_of_our_own_are_called_where_the_settings_say_so(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    assert added("http://127.0.0.1:8000/hook").url == "http://127.0.0.1:8000/hook"
    with pytest.raises(InvalidWebhookUrl):
        added("http://10.0.0.1/hook")


@pytest.mark.parametrize("names", [[], ["order.payed"], ["order.paid", "nothing"]])
def test_events_that_are_not_told_are_refused(names: list[str]) -> None:
    with pytest.raises(UnknownEvents) as refused:
        actions.add_webhook(url=URL, event_names=names)
    assert refused.value.names == (names[-1] if names else "none")
    assert not Webhook.objects.exists()


def test_a_description_is_one_line() -> None:
    with pytest.raises(UnprintableText):
        added(description="a\nb")
    assert not Webhook.objects.exists()


def test_there_are_as_many_as_can_be_told_side_by_side() -> None:
    now = timezone.now()
    Webhook.objects.bulk_create(
        Webhook(url=URL, event_names=["*"], state_since=now, created_at=now)
        for _ in range(MOST_WEBHOOKS)
    )
    with pytest.raises(TooManyWebhooks) as refused:
        added()
    assert (refused.value.limit, Webhook.objects.count()) == (MOST_WEBHOOKS, MOST_WEBHOOKS)


def test_what_is_changed_is_changed_and_nothing_else() -> None:
    hook = added(description="ERP")
    actions.change_webhook(webhook_id=hook.pk, changes={"event_names": ["product.added"]})
    actions.change_webhook(webhook_id=hook.pk, changes={})
    changed = Webhook.objects.get()
    assert (changed.url, changed.description, changed.secret) == (URL, "ERP", hook.secret)
    assert changed.event_names == ["product.added"]


def test_a_new_secret_leaves_the_former_one_for_a_day(clock: Any) -> None:
    hook = added()
    secret = actions.rotate_webhook_secret(webhook_id=hook.pk)
    changed = Webhook.objects.get()
    assert (changed.secret, changed.former_secret) == (secret, hook.secret)
    assert changed.former_secret_until == timezone.now() + timedelta(hours=24)
    third = actions.rotate_webhook_secret(webhook_id=hook.pk)
    assert len({hook.secret, secret, third}) == 3
    assert Webhook.objects.get().former_secret == secret


def test_what_waits_stays_while_it_is_off_and_its_day_begins_anew_when_it_is_on(clock: Any) -> None:
    hook = added()
    actions.send_test_event(webhook_id=hook.pk)
    Delivery.objects.update(tries=9, tried_since=timezone.now())
    actions.disable_webhook(webhook_id=hook.pk)
    actions.disable_webhook(webhook_id=hook.pk)
    assert Webhook.objects.get().state == "Off"
    with pytest.raises(WebhookIsOff):
        actions.send_test_event(webhook_id=hook.pk)
    clock.shift(timedelta(days=2))
    actions.enable_webhook(webhook_id=hook.pk)
    actions.enable_webhook(webhook_id=hook.pk)
    assert Webhook.objects.get().state == "Enabled"
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.tried_since) == ("Waiting", 0, None)
    assert delivery.due_at == timezone.now()


def test_what_is_removed_is_gone_with_its_deliveries() -> None:
    hook, other = added(), added()
    for each in (hook, other):
        delivery = actions.send_test_event(webhook_id=each.pk)
        DeliveryAttempt.objects.create(
            delivery_id=delivery, at=timezone.now(), milliseconds=1, status=500
        )
    actions.remove_webhook(webhook_id=hook.pk)
    assert [row.webhook_id for row in Delivery.objects.all()] == [other.pk]
    assert DeliveryAttempt.objects.count() == 1


@pytest.mark.parametrize(
    "verb",
    [
        actions.rotate_webhook_secret,
        actions.enable_webhook,
        actions.disable_webhook,
        actions.remove_webhook,
        actions.send_test_event,
        lambda webhook_id: actions.change_webhook(webhook_id=webhook_id, changes={}),
    ],
)
def test_what_is_not_there_is_refused(verb: Callable[..., Any]) -> None:
    with pytest.raises(UnknownWebhook):
        verb(webhook_id=2**62)
