"""How what happens in a composed shop is heard of: by RabbitMQ, and while a part of it is gone."""

import dataclasses
import json
import re
import time
from collections.abc import Callable, Sequence

from tests.docker.engine import CheckError, Composed, docker, settings_in
from tests.docker.smoke import GUEST, order_as_guest, wanted
from tests.stack.visiting import Visitor

WORKERS = ("worker", "worker-mail")
WITHOUT = settings_in("inline.env")
# The relay asks again every other second, and workers connect anew within some.
SECONDS = 90


def carry(shop: Composed) -> str:
    """Order, and see the letters sent and nothing left in RabbitMQ."""
    # What happened before is heard first.
    _wait_until_nothing_waits(shop)
    before = len(_readers(shop))
    ids = _order(shop)
    started = time.monotonic()
    _wait_until_heard(shop, ids)
    seconds = time.monotonic() - started
    _wait_until_nothing_waits(shop)
    readers = _readers(shop)[before:]
    if readers != [GUEST] * len(ids):
        raise CheckError(f"about orders {_named(ids)}, these were written to: {readers}")
    return f"orders {_named(ids)} heard of after {seconds:.0f} s, and their buyers written to"


def lose_the_workers(shop: Composed) -> str:
    """Order while nobody takes messages: they wait in RabbitMQ for workers that come instead."""
    for name in WORKERS:
        docker("kill", shop.containers(name)[0].id)
        docker("rm", shop.containers(name)[0].id)
    ids = _order(shop)
    _wait(lambda: _in_queues(shop)["events"] > 0, "no message has come to RabbitMQ")
    _check_nobody_has_heard(shop, ids)
    waiting = _in_queues(shop)
    shop.compose("up", "--detach", "--no-recreate", *WORKERS)
    shop.wait_until_well()
    _wait_until_heard(shop, ids)
    _wait_until_nothing_waits(shop)
    return (
        f"{sum(waiting.values())} messages waited, and new ones let orders {_named(ids)} be heard"
    )


def lose_the_broker(shop: Composed) -> str:
    """Order while RabbitMQ is gone: the events wait in the database until it is back."""
    docker("kill", shop.containers("rabbitmq")[0].id)
    ids = _order(shop)
    wanted(Visitor(shop.url).get("/readyz"), 200, '"broker": "unavailable"')
    _check_nobody_has_heard(shop, ids)
    started = time.monotonic()
    shop.compose("up", "--detach", "--no-recreate", "rabbitmq")
    _wait_until_heard(shop, ids)
    seconds = time.monotonic() - started
    _wait_until_nothing_waits(shop)
    wanted(Visitor(shop.url).get("/readyz"), 200, '"broker": "ok"')
    shop.wait_until_well()
    return (
        f"orders {_named(ids)} were placed, and heard of {seconds:.0f} s after it was told to start"
    )


def do_without(shop: Composed) -> str:
    """Run the shop for a while as deploy/docker/inline.env has it, and then as before."""
    without = dataclasses.replace(shop, settings={**shop.settings, **WITHOUT})
    without.compose("up", "--detach")
    without.wait_until_well()
    if left := {one.service for one in without.containers()} & {"rabbitmq", *WORKERS}:
        raise CheckError(f"without RabbitMQ there is still {', '.join(sorted(left))}")
    ids = _order(without)
    if "broker" in Visitor(without.url).get("/readyz").json:
        raise CheckError("without RabbitMQ, /readyz speaks of a broker")
    _wait_until_heard(without, ids)
    shop.compose("up", "--detach")
    shop.wait_until_well()
    return f"the relay let orders {_named(ids)} be heard, and RabbitMQ is back. {carry(shop)}"


def _order(shop: Composed) -> list[int]:
    """Order as guests: an account may sign in so often, and no more."""
    return [order_as_guest(Visitor(shop.url)) for _ in range(2)]


def _wait_until_heard(shop: Composed, ids: Sequence[int]) -> None:
    _wait(lambda: _have_heard(shop, ids), f"nobody has heard of orders {_named(ids)}")


def _wait_until_nothing_waits(shop: Composed) -> None:
    """Wait until all that has happened was heard of, and no message is left."""
    _wait(lambda: not _manage(shop, "events", "list", "--state", "waiting"), "events wait")
    _wait(lambda: not any(_in_queues(shop).values()), "messages are left in RabbitMQ")


def _wait(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise CheckError(f"{otherwise} after {SECONDS} seconds")
        time.sleep(0.5)


def _check_nobody_has_heard(shop: Composed, ids: Sequence[int]) -> None:
    for number in ids:
        if "delivered" in _states(shop, number):
            raise CheckError(f"somebody has heard of order {number}, and nobody was there")


def _have_heard(shop: Composed, ids: Sequence[int]) -> bool:
    """Tell whether everybody has heard of all that has happened to these orders."""
    states = [_states(shop, number) for number in ids]
    return all(of_one and set(of_one) == {"delivered"} for of_one in states)


def _states(shop: Composed, order_id: int) -> list[str]:
    lines = _manage(shop, "events", "list", "--subject", f"order:{order_id}").splitlines()
    # The last column, without how often it has failed before.
    return [line.split("  ")[-1].partition(",")[0] for line in lines]


def _readers(shop: Composed) -> list[str]:
    """Return who was written to, in that order: without a mail server, letters are files."""
    show = "cd /var/lib/novashop/letters && ls -tr | xargs --no-run-if-empty cat"
    letters = shop.compose("exec", "-T", "relay", "sh", "-c", show)
    return re.findall("^To: (.+)$", letters, re.MULTILINE)


def _in_queues(shop: Composed) -> dict[str, int]:
    """Return how many messages each queue has, as RabbitMQ counts them."""
    told = shop.compose(
        *("exec", "-T", "rabbitmq", "rabbitmqctl", "--quiet", "--formatter", "json"),
        *("list_queues", "name", "messages"),
    )
    return {queue["name"]: queue["messages"] for queue in json.loads(told)}


def _manage(shop: Composed, *words: str) -> str:
    return shop.compose("exec", "-T", "relay", "python", "manage.py", *words)


def _named(ids: Sequence[int]) -> str:
    return " and ".join(map(str, ids))
