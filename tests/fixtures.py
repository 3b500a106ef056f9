"""Fixtures that every test can use: a shop of its own, and the same few people everywhere.

Alice shops. Bob shops as well, and must see nothing of Alice's. Sam is staff.
"""

import atexit
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

MEMORY = Path("/dev/shm")  # noqa: S108  (there are folders of our own in it)


def _shelf() -> Path | None:
    """Where the tests' database lies: in memory where there is room, for it outlives no test."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2**30:
        return MEMORY
    return None


# Before the settings are read: a test never touches the shop somebody works with.
_data_dir = tempfile.mkdtemp(prefix="novashop-tests-", dir=_shelf())
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)
os.environ["DATA_DIR"] = _data_dir
os.environ.pop("DEBUG", None)
os.environ.pop("DATABASE_REPLICA_URLS", None)

# Whatever was started in the background ignores Ctrl-C, and so would the processes that tests start
# in order to interrupt them.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What was collected stays; to look for garbage in it, time and again, takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the long tests to CI, and those that need two writers at once to the servers."""
    from django.db import connection

    skipped = {}
    if not os.environ.get("CI"):
        skipped["long"] = "long; CI=true runs it"
    if connection.vendor == "sqlite":
        skipped["overlap"] = "SQLite writes one transaction after the other"
    for item in items:
        for marker, reason in skipped.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


class QuickHasher(Argon2PasswordHasher):
    """The shop's own hash, with as little work as it can be made with."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


@pytest.fixture(autouse=True, scope="session")
def _nothing_is_asked_one_by_one() -> Iterator[None]:
    """In CI, a request or a command that asks the database row by row fails its test.

    It makes the tests a tenth slower, and says the same on every machine and database.
    """
    if not os.environ.get("CI") or "DATABASE_URL" in os.environ:
        yield
        return
    from tests.queries import one_by_one_forbidden

    with one_by_one_forbidden():
        yield


@pytest.fixture(autouse=True)
def _nobody_is_counted(settings: Any) -> Iterator[None]:
    """Tests do in a second what takes people minutes; what one leaves in the cache, none finds.

    Passwords are hashed as in the shop, but with next to no work: they are hashed a thousand times.
    """
    from django.core.cache import caches

    settings.THROTTLE = False
    settings.TRIPWIRES = True
    # What a test writes is not committed before it ends, and so nothing would ever be renewed.
    settings.KEEP_PAGES = False
    # Else each test client looks for all static files anew, before it asks for anything.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickHasher", *settings.PASSWORD_HASHERS[1:]]
    yield
    for alias in ("default", "public"):
        caches[alias].clear()


@pytest.fixture
def clock() -> Iterator[Any]:
    """Stand still at noon (`tests.builders.NOON`) until the test moves on."""
    import time_machine

    from tests.builders import NOON

    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cheap_passwords(settings: Any) -> None:
    """Passwords are hashed in no time, which is for tests only."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def no_groups_yet(db: None) -> None:
    """Take away the groups of staff: some tests write groups, as the simplest rows there are."""
    from django.contrib.auth.models import Group

    Group.objects.all().delete()


@pytest.fixture
def alice(db: None) -> Any:
    """A shopper."""
    return _user("alice")


@pytest.fixture
def bob(db: None) -> Any:
    """Another shopper, who must see nothing of Alice's."""
    return _user("bob")


@pytest.fixture
def sam(db: None) -> Any:
    """A member of staff."""
    return _user("sam", is_staff=True)


def _user(username: str, **facts: Any) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create(
        username=username, email=f"{username}@example.com", **facts
    )


@pytest.fixture
def everything_agrees(db: None) -> Iterator[None]:
    """After the test, the audit must find nothing wrong."""
    yield
    from tests import builders

    assert builders.breaches() == []
