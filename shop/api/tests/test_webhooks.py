"""Webhooks by the API: the same as in the back office, for staff with the right."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from shop.api.tests.calling import Api, give_rights, mistakes, problem
from shop.events.models import Delivery, Webhook
from shop.events.rules import MOST_WEBHOOKS
from tests.builders import send_to_webhooks
from tests.peers import HERE, peer, says

pytestmark = pytest.mark.django_db

URL = "https://erp.example/hook"
ALL = [f"events.{verb}_webhook" for verb in ("view", "add", "change", "delete")]


@pytest.fixture
def staff(sam: Any) -> Api:
    """Sam may do everything with webhooks."""
    return Api(give_rights(sam, *ALL, "events.view_delivery", "events.change_delivery"))


def added(staff: Api, **said: Any) -> Any:
    answer = staff.post("webhooks/", {"url": URL, "events": ["order.paid"], **said})
    assert answer.status_code == 201
    return answer.json()


def test_a_webhook_is_added_and_its_secret_told_once(staff: Api) -> None:
    made = added(staff, description="ERP")
    row = Webhook.objects.get()
    assert made == {
        "id": row.pk,
        "url": URL,
        "description": "ERP",
        "events": ["order.paid"],
        "state": "Enabled",
        "state_since": row.state_since.isoformat().replace("+00:00", "Z"),
        "failing_since": None,
        "former_secret_until": None,
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
        "secret": row.secret,
    }
    read = staff.get(f"webhooks/{row.pk}/")
    listed = staff.get("webhooks/")
    assert read.json() == {name: value for name, value in made.items() if name != "secret"}
    assert listed.json() == {"next": None, "previous": None, "results": [read.json()]}
    for answer in (read, listed):
        assert row.secret not in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"


def test_lists_go_on_page_by_page(staff: Api) -> None:
    ids = [added(staff)["id"] for _ in range(3)]
    first = staff.get("webhooks/", page_size=2).json()
    second = staff.follow(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == ids


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({}, {"url", "events"}),
        ({"url": "", "events": ["order.paid"]}, {"url"}),
        ({"url": URL, "events": []}, {"events"}),
        ({"url": URL, "events": "order.paid"}, {"events"}),
        ({"url": URL, "events": [{}]}, {"events.0"}),
        ({"url": URL + "\n", "events": ["*"], "description": "a\u202eb"}, {"description"}),
        ({"url": f"{URL}/{'a' * 500}", "events": ["*"]}, {"url"}),
        ({"url": URL, "events": ["*"] * 201}, {"events"}),
    ],
)
def test_what_is_incomplete_is_refused(staff: Api, said: Any, fields: set[str]) -> None:
    assert mistakes(staff.post("webhooks/", said)) == fields
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("said", "code", "data"),
    [
        ({"url": "http://erp.example/"}, "invalid_webhook_url", {"problem": "not https"}),
        ({"url": "https://10.0.0.1/"}, "invalid_webhook_url", {"problem": "private"}),
        ({"events": ["order.payed"]}, "unknown_events", {"names": "order.payed"}),
    ],
)
def test_what_cannot_be_is_refused(staff: Api, said: Any, code: str, data: Any) -> None:
    hook = added(staff)["id"]
    for answer in (
        staff.post("webhooks/", {"url": URL, "events": ["order.paid"], **said}),
        staff.patch(f"webhooks/{hook}/", {"description": "New", **said}),
    ):
        assert problem(answer) == (422, code)
        assert answer.json()["data"] == data
    assert list(Webhook.objects.values_list("url", "description")) == [(URL, "")]


def test_there_is_an_end_to_them(staff: Api) -> None:
    now = timezone.now()
    Webhook.objects.bulk_create(
        Webhook(url=URL, event_names=["*"], state_since=now, created_at=now)
        for _ in range(MOST_WEBHOOKS)
    )
    answer = staff.post("webhooks/", {"url": URL, "events": ["*"]})
    assert problem(answer) == (409, "too_many_webhooks")
    assert Webhook.objects.count() == MOST_WEBHOOKS


def test_it_is_changed_disabled_enabled_and_removed(staff: Api) -> None:
    path = f"webhooks/{added(staff)['id']}/"
    changed = staff.patch(path, {"events": ["*", "order.paid"], "description": "All"}).json()
    assert (changed["url"], changed["events"], changed["description"]) == (URL, ["*"], "All")
    assert staff.patch(path, {"is_enabled": False}).json()["state"] == "Off"
    assert staff.patch(path, {}).json()["state"] == "Off"
    assert staff.patch(path, {"is_enabled": True}).json()["state"] == "Enabled"
    assert staff.delete(path).status_code == 204
    assert problem(staff.get(path)) == (404, "unknown_webhook")
    assert not Webhook.objects.exists()


def test_a_new_secret_is_told_once_and_the_former_one_counts_for_a_day(
    clock: Any, staff: Api
) -> None:
    made = added(staff)
    answer = staff.post(f"webhooks/{made['id']}/rotate-secret/").json()
    row = Webhook.objects.get()
    until = timezone.now() + timedelta(hours=24)
    assert answer == {
        "secret": row.secret,
        "former_secret_until": until.isoformat().replace("+00:00", "Z"),
    }
    assert (row.former_secret, row.former_secret_until) == (made["secret"], until)


def test_a_test_is_sent_looked_at_and_sent_once_more(staff: Api, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network(HERE)]
    with peer(says(200, "fine")) as other:
        made = added(staff, url=other.url())
        path = f"webhooks/{made['id']}/"
        tried = staff.post(f"{path}test/")
        send_to_webhooks()
        found = f"{path}deliveries/{tried.json()['id']}/"
        once = staff.get(found).json()
        again = staff.post(f"{found}resend/").json()
        send_to_webhooks()
        twice = staff.get(found).json()
        listed = staff.get(f"{path}deliveries/").json()["results"]
    assert (tried.status_code, tried.json()["state"], tried.json()["attempts"]) == (
        201,
        "Waiting",
        [],
    )
    assert Verifier(made["secret"]).verify(other.bodies()[0], other.heads()[0])
    assert once["body"] == other.bodies()[0] == other.bodies()[1]
    assert (once["event"], once["event_number"], once["state"]) == (
        "webhook.test",
        None,
        "Delivered",
    )
    (attempt,) = once["attempts"]
    assert (attempt["status"], attempt["answer"], attempt["address"]) == (200, "fine", HERE)
    assert (again["state"], again["tries"]) == ("Waiting", 0)
    assert (twice["state"], len(twice["attempts"])) == ("Delivered", 2)
    assert listed == [{k: v for k, v in twice.items() if k not in {"body", "attempts"}}]


def test_nothing_is_sent_to_what_is_off(staff: Api) -> None:
    path = f"webhooks/{added(staff)['id']}/"
    delivery = staff.post(f"{path}test/").json()["id"]
    staff.patch(path, {"is_enabled": False})
    assert problem(staff.post(f"{path}test/")) == (409, "webhook_is_off")
    assert problem(staff.post(f"{path}deliveries/{delivery}/resend/")) == (409, "webhook_is_off")
    assert Delivery.objects.count() == 1


def test_a_delivery_belongs_to_its_webhook(staff: Api) -> None:
    one, other = (f"webhooks/{added(staff)['id']}/" for _ in range(2))
    delivery = staff.post(f"{one}test/").json()["id"]
    before = Delivery.objects.get().due_at
    assert problem(staff.get(f"{other}deliveries/{delivery}/")) == (404, "unknown_delivery")
    answer = staff.post(f"{other}deliveries/{delivery}/resend/")
    assert problem(answer) == (404, "unknown_delivery")
    assert Delivery.objects.get().due_at == before
    assert problem(staff.get("webhooks/999999/deliveries/")) == (404, "unknown_webhook")
