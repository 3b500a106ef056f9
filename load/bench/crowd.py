"""People who look around: many pages at once, and pages that are made anew, at their times."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from urllib.parse import urlencode

from load.bench import shots, wrk
from load.bench.figures import Figure, MeasurementError
from load.bench.shop import Effort, Shop

# Of a hundred pages that somebody opens, so many are of a kind.
_WEIGHTS = {"product": 65, "category": 15, "list": 10, "home": 6, "search": 4}
# By name is how they are sorted where nobody says anything; who says so is sent there.
_LISTS = (
    "/products/",
    *(f"/products/?sort={sorting}" for sorting in ("price", "price_desc", "newest", "rating")),
)
# Long enough for a run not to come round too soon; always the same.
_PAGES = 60_000
_SEED = 12
_MADE = re.compile(r'novashop_public_answers_total\{[^}]*result="made"[^}]*\} (\S+)')
# So many a second find a connection that is free, and none waits for another one.
_CONNECTIONS = 64
_SPARE = 1.2
_SECONDS_TO_OPEN_ALL = 300


def pages_of(shop: Shop, *, count: int = _PAGES) -> list[str]:
    """Return the pages that people open one after the other.

    Of products and categories the n-th is wanted a n-th as often as the first: Zipf's law with an
    exponent of 1.0, as visits to shops are spread ("Web Caching and Zipf-like Distributions",
    Breslau et al., 1999, found 0.64 to 0.83 for all of the web: less, so with less in few pages).
    """
    chance = random.Random(_SEED)  # noqa: S311
    by_kind = {
        "product": _zipf([f"/products/{id_}/" for id_ in shop.facts["products"]], chance),
        "category": _zipf([f"/{id_}/" for id_ in shop.facts["categories"]], chance),
        "list": _zipf(_LISTS, chance),
        "home": _zipf(["/"], chance),
        "search": _zipf([f"/search/?{urlencode({'q': shop.facts['search']})}"], chance),
    }
    kinds = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=count)
    return [by_kind[kind]() for kind in kinds]


def _zipf(addresses: Sequence[str], chance: random.Random) -> "partial[str]":
    bounds = list(accumulate(1 / rank for rank in range(1, len(addresses) + 1)))
    return partial(_one_of, addresses, bounds, chance)


def _one_of(addresses: Sequence[str], bounds: Sequence[float], chance: random.Random) -> str:
    (found,) = chance.choices(addresses, cum_weights=bounds)
    return found


class BrowserMix:
    """Pages of all products, as a crowd opens them, out of both caches."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._file = shop.folder / "pages"

    def measure(self, effort: Effort) -> Figure:
        """Measure a run; its note says how many answers were not made for whoever asked.

        Before the first one every page is opened once, as it has been in a shop that is open.
        """
        if not self._file.exists():
            pages = pages_of(self._shop)
            self._open_all(sorted(set(pages)), clients=effort.clients)
            self._file.write_text("".join(f"{path}\n" for path in pages))
        ask = partial(
            wrk.measure, f"http://{self._shop.host}/", clients=effort.clients, paths=self._file
        )
        if effort.warm_up:
            ask(seconds=effort.warm_up)
        before = self._made()
        figure = ask(seconds=effort.seconds)
        made = self._made() - before
        return replace(figure, note=f"{1 - made / figure.answers:.2%} came out of a cache")

    def _open_all(self, pages: Sequence[str], *, clients: int) -> None:
        shots.fire(
            [shots.get(self._shop.host, page, {}) for page in pages],
            host=self._shop.host,
            file=self._shop.folder / "shots",
            clients=clients,
            seconds=_SECONDS_TO_OPEN_ALL,
            want=200,
        )

    def _made(self) -> float:
        """Return how many answers for everybody the app servers have made so far."""
        return sum(float(found) for found in _MADE.findall(self._shop.metrics()))


class HalfLoad:
    """A page that is made anew for each, asked for half as often as it could be."""

    def __init__(self, shop: Shop, *, row: str) -> None:
        self._shop = shop
        self._path, self._headers = shop.pages[row], shop.headers(row)

    def measure(self, effort: Effort) -> Figure:
        """Measure a run; its note has the latencies that the bar is about."""
        most = self._fire(effort, clients=effort.clients, rate=None)["rate"]
        if not most:
            raise MeasurementError("no page came in time")
        told = self._fire(effort, clients=_CONNECTIONS, rate=most / 2)
        shown = ", ".join(f"{name} {told[f'{name}_ms']:.1f} ms" for name in ("p75", "p90", "p99"))
        return replace(shots.figure(told), note=f"at {most / 2:,.0f} of {most:,.0f}/s: {shown}")

    def _fire(self, effort: Effort, *, clients: int, rate: float | None) -> dict[str, float]:
        request = shots.get(self._shop.host, self._path, self._headers)
        return shots.fire(
            [request] * (clients if rate is None else round(rate * effort.seconds * _SPARE) + 1),
            host=self._shop.host,
            file=self._shop.folder / "shots",
            clients=clients,
            seconds=effort.seconds,
            want=200,
            again=rate is None,
            rate=rate,
        )
