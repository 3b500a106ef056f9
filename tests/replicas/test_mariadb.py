"""The same with MariaDB: who lags is not read, who writes sees it, who was promoted is left."""

import os
from pathlib import Path

import pytest

from deploy.servers.programs import NotInstalledError
from tests.replicas import mariadb
from tests.replicas.shops import Crowd, World
from tests.waiting import wait_until

pytestmark = [pytest.mark.once, pytest.mark.long]


def test_a_replica_of_mariadb_is_read_and_left(tmp_path: Path) -> None:
    try:
        with mariadb.following() as (primary, replica):
            world = World(primary, replica, tmp_path)
            world.fill()
            replica.catch_up()
            _check_it_is_read(world, replica)
            _check_it_may_stop_and_be_promoted(world, replica)
    except NotInstalledError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def _check_it_is_read(world: World[mariadb.Follower], replica: mariadb.Follower) -> None:
    with world.open("tests.replicas.patient") as shop:
        maya = shop.signed_in("maya")
        replica.hold_back()
        world.rename("New mug")

        assert shop.shown() == {"Old mug"}
        # She has written: her session, a moment ago.
        assert shop.shown(visitor=maya) == {"New mug"}
        replica.let_go()
        wait_until(lambda: shop.shown() == {"New mug"})


def _check_it_may_stop_and_be_promoted(
    world: World[mariadb.Follower], replica: mariadb.Follower
) -> None:
    with world.open() as shop, Crowd(shop) as crowd:
        replica.lose_power()
        shop.wait_until_read(really=False)
        replica.start()
        shop.wait_until_read()
        replica.promote()
        replica.ask("UPDATE catalog_product SET name = 'Split mug'")
        shop.wait_until_read(really=False)
        assert shop.shown() == {"New mug"}
    assert set(crowd.statuses) == {200}
