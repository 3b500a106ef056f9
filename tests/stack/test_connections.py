"""Two hundred visitors at once need no more database connections than there are processes."""

import asyncio
import contextlib
import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import psycopg
import pytest

from deploy.stack.client import Stack
from load.client import Client, opened
from novashop.databases import database_from_url

pytestmark = [pytest.mark.once, pytest.mark.long]

VISITORS = 200
PAGES_OF_EACH = 5
# nginx answers the same page for everybody for a second: these all go to the shop.
PAGES = ("/products/?page_of={}", "/api/products/?page_size=5&of={}", "/search/?q=mug{}", "/cart/")
MOST_CONNECTIONS = 20
WATCHING_EVERY_SECONDS = 0.05

COUNT = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@contextlib.contextmanager
def watched(url: str) -> Iterator[Callable[[], list[int]]]:
    """Count the connections of the stack's database all the time, and hand over the counts."""
    where = database_from_url(url)
    counts: list[int] = []
    stop = threading.Event()

    def watch() -> None:
        with psycopg.connect(
            host=where["HOST"],
            port=where["PORT"],
            user=where["USER"],
            dbname=where["NAME"],
            autocommit=True,
        ) as connection:
            while not stop.wait(WATCHING_EVERY_SECONDS):
                row = connection.execute(COUNT).fetchone()
                assert row is not None
                counts.append(row[0])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: counts
    finally:
        stop.set()
        thread.join()


async def visit(url: str, number: int, answers: Counter[str]) -> None:
    """Be a visitor who keeps a connection and looks at one page after the other."""
    async with opened(url) as client:
        for turn, page in zip(range(PAGES_OF_EACH), itertools.cycle(PAGES), strict=False):
            answers[await _look(client, page.format(number * PAGES_OF_EACH + turn))] += 1


async def _look(client: Client, path: str) -> str:
    answer = await client.ask("GET", path)
    if answer.status != 200:
        return f"{path}: {answer.status}"
    if path.startswith("/api/"):
        return "right" if len(json.loads(answer.body)["results"]) == 5 else f"{path}: few"
    return "right" if answer.body.rstrip().endswith(b"</html>") else f"{path}: cut short"


async def _crowd(url: str) -> Counter[str]:
    answers: Counter[str] = Counter()
    await asyncio.gather(*(visit(url, number, answers) for number in range(VISITORS)))
    return answers


def test_two_hundred_visitors_need_few_connections(stack: Stack) -> None:
    with watched(stack.facts["database_url"]) as counts:
        answers = asyncio.run(_crowd(stack.url))

    assert answers == {"right": VISITORS * PAGES_OF_EACH}
    # The watcher saw the shop at work, and all the time.
    assert len(counts()) >= 10
    assert 2 <= max(counts()) <= MOST_CONNECTIONS
