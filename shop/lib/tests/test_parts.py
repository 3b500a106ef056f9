"""Parts that are kept: made once, all together, and never older than what they are made of."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shop.lib.caches.errors import CacheAwayError
from shop.lib.public import generations, parts
from shop.lib.public.answering import public
from shop.lib.public.parts import Kind
from shop.lib.public.records import UntaggedError
from shop.lib.replicas import visits
from shop.lib.replicas.visits import Visit
from tests.counts import count_of

pytestmark = pytest.mark.once


class Goods:
    """Some goods, how each is called, and which were made in one go."""

    def __init__(self) -> None:
        self.names = {1: "mug", 2: "fork", 3: "bowl"}
        self.times: list[list[int]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.kind: Kind[int, str] = Kind("test", lambda id_: [f"product:{id_}", "categories"], len)

    def make(self, ids: Sequence[int]) -> Mapping[int, str]:
        self.times.append(list(ids))
        made = {id_: self.names[id_] for id_ in ids if id_ in self.names}
        self.meanwhile()
        return made

    def of(self, *ids: int, besides: str = "", is_live: bool = False) -> dict[int, str]:
        with parts.in_use(is_live=is_live):
            return self.kind.of(ids, self.make, besides=besides)

    def rename(self, id_: int, name: str) -> None:
        """Change a name, as a verb does once it is committed."""
        self.names[id_] = name
        generations.renew([f"product:{id_}"])


@pytest.fixture
def goods(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Goods]:
    settings.KEEP_PAGES = True
    monkeypatch.setattr(parts, "_shelf", parts._Shelf())
    # A minute, as in Redis: a busy machine must not be mistaken for a change.
    cache: Any = caches["public"]
    before, cache.default_timeout = cache.default_timeout, 60
    yield Goods()
    cache.default_timeout = before


def test_each_is_made_once_and_what_is_missing_together(goods: Goods) -> None:
    assert goods.of(2, 1) == {2: "fork", 1: "mug"}
    assert goods.of(3, 1, 2) == {1: "mug", 2: "fork", 3: "bowl"}
    assert goods.of(1, 2, 3, 1) == {1: "mug", 2: "fork", 3: "bowl"}
    assert goods.times == [[2, 1], [3]]


def test_only_what_has_changed_is_made_anew(goods: Goods) -> None:
    goods.of(1, 2)
    goods.rename(2, "spoon")
    assert goods.of(1, 2) == {1: "mug", 2: "spoon"}
    generations.renew(["categories"])
    goods.of(1, 2)
    assert goods.times == [[1, 2], [2], [1, 2]]


def test_what_is_not_there_any_more_is_left_out_and_not_remembered(goods: Goods) -> None:
    assert goods.of(1, 9) == {1: "mug"}
    goods.names[9] = "lamp"
    assert goods.of(1, 9) == {1: "mug", 9: "lamp"}


def test_what_else_they_depend_on_tells_them_apart(goods: Goods) -> None:
    goods.of(1, besides="http://a")
    goods.of(1, besides="http://b")
    goods.of(1, besides="http://a")
    assert goods.times == [[1], [1]]


def test_kinds_have_parts_of_their_own(goods: Goods) -> None:
    goods.of(1)
    goods.kind = Kind("other", goods.kind.generations, len)
    goods.of(1)
    assert goods.times == [[1], [1]]


def test_nothing_is_asked_for_nothing(goods: Goods) -> None:
    assert goods.of() == {}
    assert goods.times == []


def test_one_that_is_made_of_nothing_is_an_error(goods: Goods) -> None:
    goods.kind = Kind("test", lambda id_: [f"product:{id_}"] if id_ == 1 else [], len)
    goods.of(1)
    with pytest.raises(UntaggedError):
        goods.of(1, 2)


def test_it_is_counted(goods: Goods) -> None:
    def counted() -> list[float]:
        return [
            count_of("novashop_public_parts_total", kind="test", result=result)
            for result in ("made", "hit")
        ]

    made, hits = counted()
    goods.of(1, 2)
    goods.of(1, 2, 3)
    assert counted() == [made + 3, hits + 2]


# --- A change while they are made ---


def rename_meanwhile(goods: Goods) -> None:
    """Let somebody rename the mug after it was read, and before it is kept."""

    def rename() -> None:
        goods.meanwhile = lambda: None
        goods.rename(1, "jug")

    goods.meanwhile = rename


def test_what_is_changed_while_it_is_made_does_not_stay(goods: Goods) -> None:
    rename_meanwhile(goods)
    assert goods.of(1, 2) == {1: "mug", 2: "fork"}
    assert goods.of(1, 2) == {1: "jug", 2: "fork"}
    assert goods.times == [[1, 2], [1]]


def test_with_tokens_read_afterwards_it_would(
    goods: Goods, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: whoever reads the tokens when the parts are there keeps the old for the new."""
    keep = Kind._keep

    def keep_late(self: Any, made: Any, of_now: Any, *rest: Any, **options: Any) -> None:
        late = {}
        for key in of_now:
            names = self.generations(key)
            tokens = generations.tokens_of(names) or {}
            late[key] = tuple(tokens[name] for name in names)
        keep(self, made, late, *rest, **options)

    monkeypatch.setattr(Kind, "_keep", keep_late)
    rename_meanwhile(goods)
    goods.of(1, 2)
    assert goods.of(1, 2) == {1: "mug", 2: "fork"}


def test_a_generation_that_is_left_out_would_leave_it_as_it_was(goods: Goods) -> None:
    """The twin of what the shop's own kinds are tested for."""
    goods.kind = Kind("test", lambda _: ["categories"], len)
    goods.of(1)
    goods.rename(1, "jug")
    assert goods.of(1) == {1: "mug"}


# --- For how long, and how many ---


def test_nothing_is_kept_for_ever(goods: Goods) -> None:
    caches["public"].default_timeout = 0.05
    goods.of(1)
    time.sleep(0.06)
    goods.of(1)
    assert goods.times == [[1], [1]]


def test_an_answer_is_kept_no_longer_than_its_oldest_part(goods: Goods) -> None:
    caches["public"].default_timeout = 0.5

    def show(_: HttpRequest) -> HttpResponse:
        return HttpResponse(goods.kind.of([1], goods.make)[1])

    def ask(path: str) -> tuple[str, str]:
        response = public(generations=["catalogue"])(show)(RequestFactory().get(path))
        return response["X-Cache"], response.content.decode()

    ask("/first")
    time.sleep(0.3)
    # By another process, of which nobody here hears.
    goods.names[1] = "jug"
    assert ask("/second") == ("made", "mug")
    time.sleep(0.3)
    assert ask("/second") == ("made", "jug")


def test_the_one_that_nobody_has_wanted_for_longest_makes_room(
    goods: Goods, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MOST_BYTES", 2 * (parts._FRAME_BYTES + 4))
    goods.of(1)
    goods.of(2)
    goods.of(1)
    goods.of(3)
    assert parts._shelf.weight == 2 * parts._FRAME_BYTES + len("mug") + len("bowl")
    goods.times.clear()
    goods.of(1, 3)
    assert goods.times == []
    goods.of(2)
    assert goods.times == [[2]]


def test_one_that_is_made_anew_takes_no_more_room(goods: Goods) -> None:
    for name in ("jug", "beaker", "mug"):
        goods.rename(1, name)
        goods.of(1)
    assert parts._shelf.weight == parts._FRAME_BYTES + len("mug")


def test_what_is_large_is_not_kept(goods: Goods) -> None:
    goods.names[1] = "x" * parts.LARGEST_PART
    assert goods.of(1) == goods.of(1)
    assert (goods.times, parts._shelf.weight) == ([[1], [1]], 0)


# --- Who has them ---


def test_whoever_is_in_no_view_for_everybody_has_them_made_anew(goods: Goods) -> None:
    goods.of(1)
    generations_before = dict(parts._shelf._parts)
    assert goods.kind.of([1, 1], goods.make) == {1: "mug"}
    assert goods.times == [[1], [1]]
    assert dict(parts._shelf._parts) == generations_before


def test_where_nothing_is_to_be_kept_no_part_is(goods: Goods, settings: Any) -> None:
    settings.KEEP_PAGES = False
    assert [goods.of(1), goods.of(1)] == [{1: "mug"}] * 2
    assert (goods.times, parts._shelf.weight) == ([[1], [1]], 0)


def test_whoever_wants_what_is_so_now_has_them_where_all_share_the_tokens(
    goods: Goods, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods.of(1)
    goods.of(1, is_live=True)
    assert goods.times == [[1], [1]]
    monkeypatch.setattr(caches["public"], "is_shared", True, raising=False)
    goods.of(1, is_live=True)
    assert goods.times == [[1], [1]]
    goods.rename(1, "jug")
    assert goods.of(1, is_live=True) == {1: "jug"}


@pytest.mark.parametrize(
    ("headers", "times"), [({}, 1), ({"Authorization": "Bearer x"}, 2)], ids=["nobody", "token"]
)
def test_a_view_for_everybody_has_them(goods: Goods, headers: dict[str, str], times: int) -> None:
    def show(_: HttpRequest) -> HttpResponse:
        return HttpResponse(str(goods.kind.of([1], goods.make)))

    shown = public(generations=["catalogue"])(show)
    for path in ("/first", "/second"):
        shown(RequestFactory().get(path, headers=headers))
    assert len(goods.times) == times


def test_a_view_that_writes_has_none(goods: Goods) -> None:
    goods.of(1)
    shown = public(generations=["catalogue"])(
        lambda _: HttpResponse(str(goods.kind.of([1], goods.make)))
    )
    shown(RequestFactory().post("/"))
    assert goods.times == [[1], [1]]


def test_they_are_read_from_the_primary(goods: Goods) -> None:
    visit = Visit(is_patient=True)
    token = visits._visit.set(visit)
    seen: list[tuple[bool, str]] = []
    goods.meanwhile = lambda: seen.append((visit.is_patient, visit.replica))
    try:
        with visit.reading_from("replica1"):
            goods.of(1)
            assert (visit.is_patient, visit.replica) == (True, "replica1")
    finally:
        visits._visit.reset(token)
    assert seen == [(False, "")]


# --- Without a cache ---


def test_without_the_cache_they_are_made_and_not_kept(
    goods: Goods, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise CacheAwayError

    goods.of(1)
    with monkeypatch.context() as patch:
        patch.setattr(caches["public"], "get_many", lambda _: {})
        patch.setattr(caches["public"], "add", away)
        goods.names[1] = "jug"
        assert [goods.of(1, 2), goods.of(1, 2)] == [{1: "jug", 2: "fork"}] * 2
    assert goods.times == [[1], [1, 2], [1, 2]]
    # What was kept before it went is as old as its tokens, and these are there again.
    goods.of(2)
    assert goods.times[-1] == [2]


def test_a_cache_that_has_forgotten_makes_nothing_older_valid(goods: Goods) -> None:
    goods.of(1)
    caches["public"].delete_many([generations.key_of("product:1")])
    goods.of(1)
    assert goods.times == [[1], [1]]
