"""`manage.py backup` and `restore`: a shop that was lost comes back, on every database."""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management.base import CommandError
from django.db import connection, connections

from shop.accounts.models import User
from shop.ops.backups import leaping, sqlite
from shop.ops.tests import losing
from shop.orders.models import Order
from tests import builders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_what_dumps")]

SECONDS_OF_TRADE = 60


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    # Who opens the file here has it open all the time.
    monkeypatch.setattr(sqlite, "SECONDS_TO_LOOK", 0.1)


def test_a_lost_shop_comes_back(tmp_path: Path) -> None:
    losing.furnish()
    before = losing.belongings()
    file = tmp_path / "shop.tar"

    said = losing.back_up(file)
    losing.lose()
    answer = losing.restore(file)

    assert losing.belongings() == before
    assert (len(before.orders), len(before.lines), len(before.pictures)) == (3, 6, 10)
    last = before.orders[-1]["number"]
    assert re.search(rf"orders +3( or more)?, the last one {last} at 20\d\d-", said)
    assert "pictures   10 files" in said
    assert "Audit: Everything agrees.\n" in answer
    assert builders.breaches() == []


def test_it_can_be_worked_with_afterwards_and_no_number_is_given_out_twice(tmp_path: Path) -> None:
    """Guests see orders by numbers in a cookie: a lost order's must not become another's."""
    variant_ids = losing.furnish()
    file = tmp_path / "shop.tar"
    losing.back_up(file)
    lost = builders.place({variant_ids[0]: 1})
    losing.lose()
    losing.restore(file)

    placed = builders.place({variant_ids[0]: 1})
    alice = User.objects.create(username="alice", email="alice@example.com")

    assert placed > lost + leaping.LEAP / 2
    assert alice.id > leaping.LEAP
    assert builders.breaches() == []

    losing.restore(file, replace=True, yes=True)

    assert builders.place({variant_ids[0]: 1}) > placed + leaping.LEAP / 2


@contextmanager
def trade(variant_ids: list[int], acknowledged: list[int]) -> Iterator[None]:
    """Place one order after the other in a thread, while the block runs."""
    stop = threading.Event()

    def work() -> None:
        try:
            while not stop.is_set():
                acknowledged.append(builders.place({variant_ids[0]: 1, variant_ids[1]: 1}))
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SECONDS_OF_TRADE)


def test_what_was_acknowledged_before_is_in_it_while_others_go_on_ordering(tmp_path: Path) -> None:
    variant_ids = losing.furnish()
    acknowledged: list[int] = []
    known: list[set[int]] = []
    files = [tmp_path / f"{number}.tar" for number in range(3)]

    with trade(variant_ids, acknowledged):
        for file in files:
            while len(acknowledged) < 3 * (len(known) + 1):
                threading.Event().wait(0.01)
            known.append(set(acknowledged))
            losing.back_up(file)
    final = {row["id"]: row for row in losing.belongings().orders}
    losing.lose()

    for file, before in zip(files, known, strict=True):
        losing.restore(file, replace=True, yes=True)
        back = {row["id"]: row for row in losing.belongings().orders}
        assert before <= set(back)
        assert all(final[id_] == row for id_, row in back.items())
        # Stock, lines and orders are of one moment.
        assert builders.breaches() == []


def test_a_plain_copy_of_the_file_would_have_lost_orders(tmp_path: Path) -> None:
    """The twin of the test above: what people do who do not know of the log beside the file."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite is a file that one could copy")
    variant_ids = losing.furnish()
    order_id = builders.place({variant_ids[0]: 1})
    name = Path(str(connection.settings_dict["NAME"]))
    shutil.copy(name, tmp_path / "copied.sqlite3")
    losing.back_up(tmp_path / "shop.tar")
    losing.lose()

    shutil.copy(tmp_path / "copied.sqlite3", name)

    assert not Order.objects.filter(id=order_id).exists()
    losing.restore(tmp_path / "shop.tar", replace=True, yes=True)
    assert Order.objects.filter(id=order_id).exists()


@pytest.mark.once
def test_the_old_shop_stays_until_somebody_says_replace(tmp_path: Path) -> None:
    variant_ids = losing.furnish()
    file = tmp_path / "shop.tar"
    losing.back_up(file)
    builders.place({variant_ids[0]: 1})
    before = losing.belongings()

    with pytest.raises(CommandError, match=r"there is a shop already, in .*; --replace puts"):
        losing.restore(file)
    with pytest.raises(CommandError, match="nobody is there to be asked"):
        losing.restore(file, replace=True)

    assert losing.belongings() == before


@pytest.mark.once
def test_what_the_cache_knew_of_the_lost_time_is_forgotten(tmp_path: Path) -> None:
    losing.furnish(orders=1)
    losing.back_up(tmp_path / "shop.tar")
    cache.set("somebody", "signed in")

    losing.restore(tmp_path / "shop.tar", replace=True, yes=True)

    assert cache.get("somebody") is None


def test_an_open_shop_is_not_replaced(tmp_path: Path) -> None:
    losing.furnish(orders=1)
    file = tmp_path / "shop.tar"
    losing.back_up(file)
    before = losing.belongings()
    open_, close = threading.Event(), threading.Event()

    def visitor() -> None:
        Order.objects.exists()
        open_.set()
        close.wait(SECONDS_OF_TRADE)
        connections.close_all()

    thread = threading.Thread(target=visitor)
    thread.start()
    open_.wait(SECONDS_OF_TRADE)
    try:
        with pytest.raises(CommandError, match="Nothing was changed: the shop is open: "):
            losing.restore(file, replace=True, yes=True)
    finally:
        close.set()
        thread.join(SECONDS_OF_TRADE)

    assert losing.belongings() == before
    losing.restore(file, replace=True, yes=True)


def test_a_restore_that_fails_halfway_leaves_the_old_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the database has been written already: nothing counts before all of it has come.

    MariaDB cannot do that, and says so; the same command heals it.
    """
    variant_ids = losing.furnish()
    file = tmp_path / "shop.tar"
    losing.back_up(file)
    builders.place({variant_ids[0]: 1})
    before = losing.belongings()

    with monkeypatch.context() as patch:
        patch.setattr("shop.ops.backups.media.put", _no_room)
        with pytest.raises(CommandError) as caught:
            losing.restore(file, replace=True, yes=True)

    if connection.vendor == "mysql":
        assert "now neither the old one nor the whole of the new one" in str(caught.value)
        losing.restore(file, replace=True, yes=True)
        assert losing.belongings().orders == before.orders[:-1]
    else:
        assert str(caught.value) == "Nothing was changed: there is no room left in the media."
        assert losing.belongings() == before
    assert builders.breaches() == []


def _no_room(*_: Any, **__: Any) -> None:
    from shop.ops.backups.problems import BackupError

    raise BackupError("there is no room left in the media")
