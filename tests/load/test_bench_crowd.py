"""What a crowd opens is spread as visits are, and the same in every run."""

from collections import Counter
from pathlib import Path

import pytest

from load.bench import crowd
from load.bench.pgbench import Server
from load.bench.shop import Shop

pytestmark = pytest.mark.once

FACTS = {"products": list(range(1, 101)), "categories": [7, 8], "search": "lamp & wick"}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    server = Server.at("postgresql://nobody@127.0.0.1:1/none")
    return Shop(port=1, environment={}, database=server, folder=tmp_path, facts=FACTS)


def test_the_first_product_is_wanted_n_times_as_often_as_the_nth(shop: Shop) -> None:
    opened = Counter(crowd.pages_of(shop, count=40_000))
    assert opened["/products/1/"] / opened["/products/10/"] == pytest.approx(10, rel=0.25)
    assert opened["/products/1/"] / opened["/products/2/"] == pytest.approx(2, rel=0.1)
    assert opened["/7/"] / opened["/8/"] == pytest.approx(2, rel=0.1)
    lists = sum(n for page, n in opened.items() if page.partition("?")[0] == "/products/")
    products = sum(n for page, n in opened.items() if page.startswith("/products/")) - lists
    assert products / 40_000 == pytest.approx(0.65, rel=0.02)
    assert lists / 40_000 == pytest.approx(0.10, rel=0.05)
    assert opened["/search/?q=lamp+%26+wick"] / 40_000 == pytest.approx(0.04, rel=0.1)


def test_every_run_opens_the_same_pages(shop: Shop) -> None:
    assert crowd.pages_of(shop, count=500) == crowd.pages_of(shop, count=500)
