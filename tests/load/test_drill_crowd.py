"""Who insists on an order sends it again, with the same key, until it is answered; all is noted."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from load import journal, proof
from load.bench.shop import inside
from load.drills.crowd import Crowd
from load.drills.seeing import Request
from tests.load.shops import Shop, opened
from tests.waiting import wait_until

# The crowd shops on SQLite, whatever the other tests run on.
pytestmark = [pytest.mark.once, pytest.mark.long]

SECONDS = 60
# Placing any order fails, as with a full disk.
FAILS = "BEFORE INSERT ON orders_order BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("shop")) as shop:
        inside(shop.environment, "facts")
        yield shop


def test_whoever_insists_is_answered_once_all_is_well(shop: Shop, tmp_path: Path) -> None:
    stack: Any = SimpleNamespace(environment=shop.environment)
    crowd = Crowd(stack=stack, folder=tmp_path, rate=3, users=2)
    crowd.fill_carts(seconds=10)
    requests = crowd.requests

    def found(name: str, status: int) -> list[Request]:
        every = requests.between(0, float("inf"))
        return [each for each in every if (each.name, each.status) == (name, status)]

    with crowd.shopping(port=urlsplit(shop.url).port or 80):
        with shop.broken_by(FAILS):
            wait_until(
                lambda: len(found("POST order /api/orders/ again", 500)) >= 3, seconds=SECONDS
            )
        wait_until(lambda: len(found("POST order /api/orders/ again", 201)) >= 3, seconds=SECONDS)
        wait_until(lambda: len(found("POST order /api/orders/", 201)) >= 3, seconds=SECONDS)

    told = journal.read(crowd.journal)
    assert len(told.orders) >= 6
    assert told.contradictions == []
    # Each of them is there, as it was acknowledged, and the audit finds nothing.
    assert proof.of(crowd.journal, shop.environment).breaches == ()


def test_carts_are_made_for_some_time_ahead(shop: Shop, tmp_path: Path) -> None:
    stack: Any = SimpleNamespace(environment=shop.environment)
    crowd = Crowd(stack=stack, folder=tmp_path, rate=1, users=2)

    crowd.fill_carts(seconds=10)
    made = crowd.carts
    crowd.fill_carts(seconds=10)

    assert crowd.carts == made
    assert len((tmp_path / "carts").read_text().splitlines()) == made >= 10
