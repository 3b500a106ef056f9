"""The receiver of the documents, run as they say: it takes what the shop sends, and no more."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from standardwebhooks import Webhook as Signer

from deploy.stack.plan import free_ports
from shop.events import actions as events
from shop.events.models import Delivery, DeliveryAttempt, Webhook
from tests.builders import place, put_on_sale, send_to_webhooks
from tests.peers import HERE
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db

SCRIPT = settings.BASE_DIR / "docs" / "webhook_receiver.py"
BODY = '{"type":"order.paid","subject":"order:1","data":{"order_id":1}}'


@dataclass
class Receiver:
    port: int
    secret: str
    log: Path

    def lines(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if "HTTP/1." not in line]

    def post(self, body: str, **headers: str) -> int:
        connection = HTTPConnection(HERE, self.port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", "/", body.encode(), named)
        return connection.getresponse().status


@pytest.fixture
def receiver(tmp_path: Path, settings: Any) -> Iterator[Receiver]:
    """A webhook of this shop, and its receiver."""
    settings.WEBHOOK_NETWORKS = [ip_network(HERE)]
    (port,) = free_ports(1)
    hook = events.add_webhook(url=f"http://{HERE}:{port}/", event_names=["order.placed"])
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, SCRIPT, str(port)],
            env=os.environ | {"WEBHOOK_SECRET": hook.secret, "WEBHOOK_MEMORY": str(tmp_path / "m")},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    found = Receiver(port, hook.secret, log)
    try:
        wait_until(lambda: _listens(port))
        yield found
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HERE, port), timeout=1).close()
    except OSError:
        return False
    return True


def signed(secret: str, *, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook_id": "evt_1",
        "webhook_timestamp": str(int(at.timestamp())),
        "webhook_signature": Signer(secret).sign("evt_1", at, BODY),
    }


def test_it_takes_what_the_shop_sends_and_does_it_once(receiver: Receiver) -> None:
    order = place({put_on_sale("mug", stock=1): 1})
    events.deliver_due()
    send_to_webhooks()
    events.resend(delivery_ids=[Delivery.objects.get().pk])
    send_to_webhooks()
    assert list(DeliveryAttempt.objects.values_list("status", flat=True)) == [204, 204]
    (line,) = receiver.lines()
    assert line.startswith(f"order.placed order:{order} ")
    assert f"'order_id': {order}" in line


def test_it_goes_on_believing_the_former_secret_for_a_day(receiver: Receiver) -> None:
    hook = Webhook.objects.get()
    events.rotate_webhook_secret(webhook_id=hook.pk)
    events.send_test_event(webhook_id=hook.pk)
    send_to_webhooks()
    assert DeliveryAttempt.objects.get().status == 204


def test_it_believes_nothing_else(receiver: Receiver) -> None:
    good = signed(receiver.secret)
    late = datetime.now(UTC) - timedelta(minutes=6)
    answers = [
        receiver.post(BODY),
        receiver.post(BODY + " ", **good),
        receiver.post(BODY, **{**good, "webhook_id": "evt_2"}),
        receiver.post(BODY, **{**good, "webhook_signature": "nonsense"}),
        receiver.post(BODY, **{**good, "webhook_signature": "v1,%%%"}),
        receiver.post(BODY, **signed("whsec_" + "A" * 44)),
        receiver.post(BODY, **signed(receiver.secret, at=late)),
    ]
    assert answers == [401] * 7
    assert {line.partition(":")[0] for line in receiver.lines()} == {"refused"}
    assert receiver.post(BODY, **good) == 204
    assert receiver.lines()[-1] == "order.paid order:1 {'order_id': 1}"
