"""Servers come and go under a crowd, and nobody notices.

Each drill puts 250 requests a second before a whole stack, of which every tenth changes something,
and looks at every answer: 20,000 of them in all.
"""

import asyncio
import json
import os
import signal
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.stack.client import Stack, opened
from load import client as clients
from load.client import Tally
from tests.stack.crowd import Crowd, ask_shop, gather, known_orders, manage, stock_up

pytestmark = [pytest.mark.once, pytest.mark.long]

DRILLS = 5
REQUESTS = 20_000 // DRILLS
# How long nginx leaves a server alone (deploy/nginx/site.py), and a little more: who restarts one
# server after the other waits so long in between.
PAUSE = 2.5
KILLS = 5
SECONDS_TO_RETURN = 60


@pytest.fixture(scope="module")
def product_id(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Something to buy, of which there is enough."""
    return stock_up(_environment(stack), tmp_path_factory.mktemp("goods"))


def _environment(stack: Stack) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **stack.environment}


def _drill(stack: Stack, product_id: int, drill: Callable[[], None]) -> tuple[Tally, Crowd]:
    """Do it before a crowd; every order that was acknowledged is there, and no other."""
    environment = _environment(stack)
    before = set(known_orders(environment))
    tally, crowd = gather(stack.url, product_id, drill, requests=REQUESTS)
    assert sorted(crowd.orders) == sorted(set(known_orders(environment)) - before)
    assert len(crowd.orders) == len(crowd.keys)
    return tally, crowd


def _restart(stack: Stack, name: str) -> None:
    """End it as `kill` does, and wait until it has come back and is asked again."""
    before = stack.pid_of(name)
    stack.control("restart", name)
    _wait_until_back(stack, name, but=before)
    time.sleep(PAUSE)


def _kill(stack: Stack, name: str) -> None:
    before = _strike(stack, name)
    _wait_until_back(stack, name, but=before)


def _strike(stack: Stack, name: str) -> int:
    """Kill the server with its workers, so that nobody ends what has begun."""
    number = stack.pid_of(name)
    workers = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    for victim in [*map(int, workers), number]:
        os.kill(victim, signal.SIGKILL)
    return number


def _reload(stack: Stack) -> None:
    os.kill(stack.pid_of("nginx"), signal.SIGHUP)
    time.sleep(1)


def _wait_until_back(stack: Stack, name: str, *, but: int) -> None:
    """Wait until another process than that one answers by this name."""
    port = next(app["port"] for app in stack.facts["apps"] if app["name"] == name)
    deadline = time.monotonic() + SECONDS_TO_RETURN

    async def answers() -> bool:
        async with clients.opened(f"http://127.0.0.1:{port}") as client:
            return (await client.ask("GET", "/healthz")).status == 200

    while stack.pid_of(name) in {0, but} or not asyncio.run(answers()):
        assert time.monotonic() < deadline, f"{name} did not come back"
        time.sleep(0.1)


def test_an_app_server_that_is_ended_costs_nothing(stack: Stack, product_id: int) -> None:
    tally, _ = _drill(stack, product_id, lambda: _restart(stack, "browse-1"))

    assert tally.bad == []


def test_a_rolling_restart_costs_nothing(stack: Stack, product_id: int) -> None:
    def roll() -> None:
        for app in stack.facts["apps"]:
            _restart(stack, app["name"])

    tally, _ = _drill(stack, product_id, roll)

    assert tally.bad == []


def test_the_order_lane_that_is_ended_costs_nothing(stack: Stack, product_id: int) -> None:
    def end() -> None:
        for name in _lane(stack):
            _restart(stack, name)

    tally, crowd = _drill(stack, product_id, end)

    assert tally.bad == []
    assert crowd.orders


def test_a_reload_of_nginx_costs_nothing(stack: Stack, product_id: int) -> None:
    def reload() -> None:
        for _ in range(3):
            _reload(stack)

    tally, _ = _drill(stack, product_id, reload)

    assert tally.bad == []


def test_an_app_server_that_is_killed_costs_no_reader_anything(
    stack: Stack, product_id: int
) -> None:
    environment = _environment(stack)
    tally, crowd = gather(
        stack.url, product_id, lambda: _kill(stack, "browse-1"), requests=REQUESTS
    )

    # Of what was being written at that moment, nobody knows whether it was.
    assert [complaint for complaint in tally.bad if not _was_in_flight(complaint)] == []
    assert set(crowd.orders) <= set(known_orders(environment))
    manage(environment, "audit")


def _was_in_flight(complaint: str) -> bool:
    return complaint.startswith(("cart: 502", "cart: 503", "line: 502", "line: 503"))


def test_without_retries_the_same_is_noticed(stack: Stack, product_id: int) -> None:
    """The twin: the crowd does see what nginx keeps from it otherwise."""
    file = Path(stack.facts["nginx"]["configuration"])
    text = file.read_text()
    lost = "proxy_next_upstream error timeout http_502;"
    assert lost in text
    try:
        file.write_text(text.replace(lost, "proxy_next_upstream off;"))
        _reload(stack)
        tally, _ = gather(stack.url, product_id, lambda: _kill(stack, "browse-1"), requests=400)
    finally:
        file.write_text(text)
        _reload(stack)

    assert any(not _was_in_flight(complaint) for complaint in tally.bad)


def test_an_order_in_flight_is_one_order(stack: Stack, product_id: int) -> None:
    """The order lane is killed while it has the order; the same key again gives the same order."""
    environment = _environment(stack)
    before = set(known_orders(environment))

    async def run() -> Crowd:
        async with clients.opened(stack.url) as client:
            crowd = Crowd(client, product_id)
            for _ in range(KILLS):
                await _order_and_kill(stack, crowd)
            return crowd

    crowd = asyncio.run(run())

    assert len(set(crowd.orders)) == len(crowd.orders) == KILLS
    assert set(known_orders(environment)) - before == set(crowd.orders)
    manage(environment, "audit")


async def _order_and_kill(stack: Stack, crowd: Crowd) -> None:
    cart = json.loads((await crowd.post("/api/carts/", {})).body)["id"]
    wish = {"product": crowd.product_id, "quantity": 1}
    assert (await crowd.post(f"/api/carts/{cart}/lines/", wish)).status == 201
    key = str(uuid.uuid4())
    sent = asyncio.create_task(crowd.order(cart, key=key))
    # Somewhere on its way: each time a little later.
    await asyncio.sleep(0.004 * len(crowd.orders))
    before = {name: _strike(stack, name) for name in _lane(stack)}
    first = await sent
    assert first.status in {201, 502, 503}
    again = await crowd.order(cart, key=key)
    assert crowd.note_order(again) is None
    if first.status == 201:
        assert json.loads(first.body)["id"] == json.loads(again.body)["id"]
    for name, number in before.items():
        await asyncio.to_thread(_wait_until_back, stack, name, but=number)


def _lane(stack: Stack) -> list[str]:
    return [app["name"] for app in stack.facts["apps"] if app["lane"] == "order"]


def test_the_gate_counts_visitors_and_not_what_they_say(folder: Path) -> None:
    """A visitor who writes addresses into X-Forwarded-For is one visitor all the same."""
    empty = {"DEMO": "off"}
    with opened(folder=folder, throttle=True, broker="none", extra_environment=empty) as stack:
        statuses = asyncio.run(_pretend(stack.url))

        assert ask_shop(_environment(stack), _SETTINGS).split() == ["1"]

    assert statuses[0] == 201
    assert statuses[-1] == 429
    # An address alone may make so many carts a minute, whoever it says it is.
    assert 1 <= statuses.count(201) <= 60


_SETTINGS = "from django.conf import settings; print(settings.TRUSTED_PROXIES)"


async def _pretend(url: str) -> list[int]:
    async with clients.opened(url) as client:
        answers = [
            await client.ask(
                "POST",
                "/api/carts/",
                headers={
                    "Content-Type": "application/json",
                    "X-Forwarded-For": f"203.0.113.{number}",
                    "Forwarded": f"for=203.0.113.{number}",
                    "X-Real-IP": f"203.0.113.{number}",
                },
                body=b"{}",
            )
            for number in range(80)
        ]
    return [answer.status for answer in answers]
