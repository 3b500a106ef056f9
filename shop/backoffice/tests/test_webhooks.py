"""Webhooks at the desk: added with a secret that is seen once, tried out, looked after."""

import re
from ipaddress import ip_network
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client

from shop.backoffice.tests.desk import (
    add_page,
    at_desk,
    boss_desk,
    errors,
    filled_in,
    list_of,
    member,
    once,
    page_of,
    sentences,
)
from shop.events import actions as events
from shop.events.models import Delivery, Webhook
from tests.builders import one_delivery, send_to_webhooks
from tests.peers import HERE, peer, says
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

URL = "https://erp.example/hook"


def page(desk: Client, address: str) -> str:
    return desk.get(address).content.decode()


def added(desk: Client, **said: Any) -> Any:
    fields = {"url": URL, "event_names": ["order.paid", "order.placed"], "description": "ERP"}
    return desk.post(add_page(Webhook), {**fields, **said}, follow=True)


def test_it_is_added_with_a_secret_that_is_shown_once() -> None:
    desk = boss_desk()
    answer = added(desk)
    row = Webhook.objects.get()
    assert (row.url, row.description, row.state) == (URL, "ERP", "Enabled")
    assert row.event_names == ["order.paid", "order.placed"]
    assert answer.redirect_chain == [(page_of(row), 302)]
    assert f"<code>{row.secret}</code>" in answer.content.decode()
    assert row.secret not in page(desk, page_of(row))
    assert row.secret not in page(desk, list_of(Webhook))
    entry = LogEntry.objects.get_for_object(row).get()
    assert row.secret not in str(entry.changes)
    assert entry.changes["url"] == ["None", URL]


def test_it_may_want_every_event_and_all_are_offered() -> None:
    desk = boss_desk()
    shown = page(desk, add_page(Webhook))
    assert "Every event, those of later releases too" in shown
    assert "order.paid: The money of an order has come." in shown
    added(desk, event_names=["*", "order.paid"])
    assert Webhook.objects.get().event_names == ["*"]
    assert "every event" in page(desk, list_of(Webhook))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"url": "http://erp.example/"}, "cannot be called (not https)"),
        ({"url": "https://192.168.1.1/"}, "cannot be called (private)"),
        ({"url": ""}, "This field is required"),
        ({"event_names": []}, "This field is required"),
        ({"event_names": ["order.payed"]}, "order.payed is not one of the available choices"),
        ({"description": "a" * 201}, "at most 200 characters"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(said: Any, words: str) -> None:
    desk = boss_desk()
    answer = added(desk, **said)
    assert words in errors(answer)
    form = answer.context["adminform"].form
    assert form["description"].value() == said.get("description", "ERP")
    assert not Webhook.objects.exists()


def test_it_is_changed_and_its_secret_stays() -> None:
    desk = boss_desk()
    added(desk)
    before = Webhook.objects.get()
    form = filled_in(desk.get(page_of(before)))
    assert form["event_names"] == ["order.paid", "order.placed"]
    desk.post(page_of(before), {**form, "event_names": ["product.added"], "description": "New"})
    row = Webhook.objects.get()
    assert (row.event_names, row.description) == (["product.added"], "New")
    assert (row.url, row.secret) == (URL, before.secret)


def test_a_change_to_what_is_not_called_changes_nothing() -> None:
    desk = boss_desk()
    added(desk)
    row = Webhook.objects.get()
    form = filled_in(desk.get(page_of(row)))
    answer = desk.post(page_of(row), {**form, "url": "https://127.0.0.1/", "description": "New"})
    assert "cannot be called (private)" in errors(answer)
    assert list(Webhook.objects.values_list("url", "description")) == [(URL, "ERP")]


def test_a_new_secret_is_made_once_for_a_form_and_shown_once() -> None:
    desk = boss_desk()
    added(desk)
    row = Webhook.objects.get()
    form = once()
    shown = desk.post(page_of(row, "rotate-secret"), form, follow=True).content.decode()
    changed = Webhook.objects.get()
    assert f"<code>{changed.secret}</code>" in shown
    assert row.secret not in shown
    assert "counts until" in shown
    # Two clicks make one secret, or the receiver's would count no more.
    again = desk.post(page_of(row, "rotate-secret"), form)
    assert sentences(again) == ["This was done already."]
    changed.refresh_from_db()
    assert (changed.former_secret, changed.secret) == (row.secret, Webhook.objects.get().secret)
    assert changed.secret not in page(desk, page_of(row))


def test_a_secret_is_not_left_for_somebody_who_may_only_look() -> None:
    desk = boss_desk()
    added(desk)
    row = Webhook.objects.get()
    other = at_desk(member("anna", "Everything"))
    assert row.secret not in page(other, page_of(row))


def test_it_is_tried_out_and_the_log_says_what_was_sent_and_answered(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network(HERE)]
    desk = boss_desk()
    with peer(says(500, "<b>no</b>")) as other:
        added(desk, url=other.url())
        row = Webhook.objects.get()
        assert "Nothing yet." in page(desk, page_of(row))
        done = desk.post(page_of(row, "send-test"))
        assert sentences(done) == [
            "A test is on its way; load the page again to see what was answered."
        ]
        send_to_webhooks()
    delivery = Delivery.objects.get()
    listed = page(desk, page_of(row))
    assert "webhook.test" in listed
    assert page_of(delivery) in listed
    assert re.search(r"<dt>Waiting</dt><dd>1</dd>", listed)
    whole = page(desk, page_of(delivery))
    for words in ("&lt;b&gt;no&lt;/b&gt;", delivery.message_id, HERE, "&quot;webhook.test&quot;"):
        assert words in whole
    assert re.search(r"\d+ ms, 127\.0\.0\.1", whole)
    assert "Next try" in whole


def test_it_is_disabled_enabled_and_removed() -> None:
    desk = boss_desk()
    row, _ = one_delivery()
    assert "What waits for it stays" in page(desk, page_of(row, "disable"))
    desk.post(page_of(row, "disable"))
    row.refresh_from_db()
    assert row.state == "Off"
    said = sentences(desk.post(page_of(row, "send-test")))
    assert said[-1] == "The webhook is disabled; please enable it first."
    assert Delivery.objects.count() == 1
    desk.post(page_of(row, "enable"))
    row.refresh_from_db()
    assert row.state == "Enabled"
    answer = desk.post(page_of(row, "remove"))
    assert answer.headers["Location"] == list_of(Webhook)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("state", "words"), [("Failing", "accepted nothing for a day"), ("Gone", "has answered 410")]
)
def test_the_page_says_why_the_shop_has_disabled_it(state: str, words: str) -> None:
    row, _ = one_delivery()
    Webhook.objects.update(state=state)
    assert words in page(boss_desk(), page_of(row))


def test_one_delivery_or_many_are_sent_once_more() -> None:
    desk = boss_desk()
    row, delivery = one_delivery()
    Delivery.objects.update(state="Given up", due_at=None, tries=13)
    desk.post(page_of(delivery, "resend"))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("Waiting", 0)
    other = events.send_test_event(webhook_id=row.pk)
    Delivery.objects.update(state="Given up", due_at=None)
    chosen = {"action": "resend_deliveries", "_selected_action": [delivery.pk, other]}
    assert sentences(desk.post(list_of(Delivery), chosen))[-1] == "On their way once more: 2."
    assert set(Delivery.objects.values_list("state", flat=True)) == {"Waiting"}
    Delivery.objects.update(state="Given up", due_at=None)
    Webhook.objects.update(state="Off")
    said = sentences(desk.post(list_of(Delivery), chosen))
    assert said[-1].startswith("Please enable the webhook first")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"Given up"}


def test_deliveries_are_found_by_what_they_are_about() -> None:
    desk = boss_desk()
    _, delivery = one_delivery()
    Delivery.objects.update(event_number=4711)
    address = f"{list_of(Delivery)}?q="
    for term in (delivery.message_id, "webhook.test", "4711"):
        assert page_of(delivery) in page(desk, address + term)
    for term in ("order.paid", "4712", "evt_", "9" * 30):
        assert page_of(delivery) not in page(desk, address + term)


def test_the_page_of_a_webhook_leads_to_all_that_was_sent_to_it() -> None:
    desk = boss_desk()
    (row, mine), (_, others) = one_delivery(), one_delivery()
    address = f"{list_of(Delivery)}?webhook__id__exact={row.pk}"
    assert f'href="{address}"' in page(desk, page_of(row))
    listed = page(desk, address)
    assert page_of(mine) in listed
    assert page_of(others) not in listed


def test_lists_and_pages_ask_as_often_for_many_as_for_one() -> None:
    desk = boss_desk()
    row, delivery = one_delivery()
    addresses = [list_of(Delivery), page_of(row), list_of(Webhook), page_of(delivery)]
    counts = []
    for more in (0, 8):
        for _ in range(more):
            one_delivery()
            events.send_test_event(webhook_id=row.pk)
        for address in addresses:
            desk.get(address)
        asked = []
        for address in addresses:
            with queries_named() as names:
                assert desk.get(address).status_code == 200
            asked.append(len(names))
        counts.append(asked)
    assert counts[0] == counts[1]
