"""Transactions that conflict, wait and nest: what a verb may rely on, on every database."""

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from shop.lib.refusals import Away, Busy, Refusal
from shop.lib.transactions import (
    OutsideTransactionError,
    durable,
    is_conflict,
    is_lock_timeout,
    refusal_of,
    require_transaction,
    retry_conflicts,
)

# Groups are the rows these verbs write.
pytestmark = pytest.mark.usefixtures("no_groups_yet")
for_real = pytest.mark.django_db(transaction=True)


def from_postgresql(sqlstate: str | None) -> DatabaseError:
    """Return an error as Django passes it on from psycopg: the code is on its cause.

    There is none where psycopg found nobody who could have named one.
    """
    error = OperationalError("the words are in the server's language")
    error.__cause__ = type("Cause", (Exception,), {"sqlstate": sqlstate})()
    return error


def from_mysql(number: int) -> DatabaseError:
    """Return an error as Django passes it on from PyMySQL."""
    error = OperationalError(number, "the words are in the server's language")
    error.__cause__ = Exception(number)
    return error


def _told_apart(error: Exception) -> str:
    return f"{error!r} {getattr(error.__cause__, 'sqlstate', '')}"


CONFLICTS = [
    from_postgresql("40001"),
    from_postgresql("40P01"),
    from_mysql(1213),
    from_mysql(1020),
]
LOCK_TIMEOUTS = [
    from_postgresql("55P03"),
    from_mysql(1205),
    OperationalError("database is locked"),
    OperationalError("database table is locked: auth_group"),
]
STATEMENT_TIMEOUTS = [
    from_postgresql("57014"),
    from_mysql(1969),
    from_mysql(3024),
    from_mysql(1317),
]
AWAY = [
    from_postgresql(None),
    from_postgresql("08006"),
    from_postgresql("53300"),
    from_postgresql("57P01"),
    from_postgresql("57P03"),
    from_postgresql("25P03"),
    from_mysql(1040),
    from_mysql(2003),
    from_mysql(2006),
    from_mysql(2013),
    InterfaceError("connection already closed"),
    InterfaceError(0, ""),
]
OTHERS = [
    from_postgresql("42P01"),
    from_postgresql("22001"),
    from_postgresql("23505"),
    from_mysql(1054),
    from_mysql(1146),
    OperationalError("no such table: auth_group"),
    from_mysql(1062),
    IntegrityError("UNIQUE constraint failed: auth_group.name"),
    ProgrammingError("no such table: 1213"),
    OperationalError(),
]


@pytest.mark.parametrize("error", CONFLICTS, ids=repr)
def test_conflicts_are_known(error: DatabaseError) -> None:
    assert is_conflict(error)
    assert not is_lock_timeout(error)


@pytest.mark.parametrize("error", LOCK_TIMEOUTS, ids=repr)
def test_lock_timeouts_are_known(error: DatabaseError) -> None:
    assert is_lock_timeout(error)
    assert not is_conflict(error)


@pytest.mark.parametrize("error", OTHERS, ids=repr)
def test_nothing_else_is_a_conflict_or_a_lock_timeout(error: DatabaseError) -> None:
    assert not is_conflict(error)
    assert not is_lock_timeout(error)


@pytest.mark.parametrize(
    "error", [*CONFLICTS, *LOCK_TIMEOUTS, *STATEMENT_TIMEOUTS], ids=_told_apart
)
def test_whoever_is_in_the_way_makes_us_busy(error: DatabaseError) -> None:
    assert isinstance(refusal_of(error), Busy)


@pytest.mark.parametrize("error", AWAY, ids=_told_apart)
def test_a_server_that_does_not_answer_is_away(error: DatabaseError) -> None:
    assert isinstance(refusal_of(error), Away)


@pytest.mark.parametrize("error", [*OTHERS, ValueError("2006"), KeyError(2013)], ids=_told_apart)
def test_a_fault_of_ours_is_not_talked_away(error: Exception) -> None:
    assert refusal_of(error) is None


@for_real
def test_a_composed_verb_needs_its_callers_transaction() -> None:
    with pytest.raises(OutsideTransactionError):
        require_transaction()
    with transaction.atomic():
        require_transaction()


class Verb:
    """A verb that writes a row and then fails with the errors it is given, one each time."""

    def __init__(self, *errors: Exception) -> None:
        self.calls = 0
        self._errors = list(errors)

    def __call__(self, *, name: str) -> int:
        self.calls += 1
        Group.objects.create(name=name)
        if self._errors:
            raise self._errors.pop(0)
        return self.calls


def groups() -> list[str]:
    return list(Group.objects.order_by("name").values_list("name", flat=True))


@for_real
def test_a_durable_verb_has_committed_when_it_returns() -> None:
    committed = []

    @durable
    def verb(first: int, *, second: int) -> int:
        """Say what it does."""
        require_transaction()
        transaction.on_commit(lambda: committed.append(second))
        Group.objects.create(name="written")
        return first

    assert verb(1, second=2) == 1
    assert committed == [2]
    assert not connection.in_atomic_block
    assert groups() == ["written"]
    assert (verb.__name__, verb.__doc__) == ("verb", "Say what it does.")


@pytest.mark.django_db
@pytest.mark.parametrize("conflict", CONFLICTS, ids=repr)
def test_a_durable_verb_starts_over_after_a_conflict(conflict: DatabaseError) -> None:
    verb = Verb(conflict, conflict, conflict)

    assert durable(verb)(name="written") == 4

    # What the failed attempts wrote is gone: the name is unique, and would have collided.
    assert groups() == ["written"]


@pytest.mark.django_db
def test_a_durable_verb_gives_up_in_the_end() -> None:
    conflict = from_mysql(1213)
    verb = Verb(*[conflict] * 100)

    with pytest.raises(OperationalError) as caught:
        durable(verb)(name="written")

    assert caught.value is conflict
    assert verb.calls == 4
    assert groups() == []


@pytest.mark.django_db
@pytest.mark.parametrize("timeout", [*LOCK_TIMEOUTS, *STATEMENT_TIMEOUTS], ids=_told_apart)
def test_a_lock_that_stays_taken_is_busy(timeout: DatabaseError) -> None:
    verb = Verb(timeout)

    with pytest.raises(Busy) as caught:
        durable(verb)(name="written")

    assert caught.value.__cause__ is timeout
    # The wait was long enough: nobody wants to wait four times as long.
    assert verb.calls == 1
    assert groups() == []


@pytest.mark.django_db
def test_a_lock_timeout_after_a_conflict_is_busy_too() -> None:
    verb = Verb(from_postgresql("40P01"), from_postgresql("55P03"))

    with pytest.raises(Busy):
        durable(verb)(name="written")

    assert verb.calls == 2
    assert groups() == []


class NoThanks(Refusal):
    """A refusal of this test."""

    code = "no_thanks"


@pytest.mark.django_db
@pytest.mark.parametrize("error", [*OTHERS, NoThanks(), ValueError("1213")], ids=repr)
def test_any_other_error_passes_and_undoes_everything(error: Exception) -> None:
    verb = Verb(error)

    with pytest.raises(type(error)) as caught:
        durable(verb)(name="written")

    assert caught.value is error
    assert verb.calls == 1
    assert groups() == []


@for_real
def test_a_durable_verb_refuses_to_run_inside_another_transaction() -> None:
    verb = Verb()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        durable(verb)(name="written")

    outer = durable(lambda: durable(verb)(name="written"))
    with pytest.raises(RuntimeError, match="durable"):
        outer()
    assert verb.calls == 0


@pytest.mark.django_db
def test_a_test_sees_nested_durable_verbs_as_well() -> None:
    """The transaction a test runs in must not hide that two verbs cannot be composed."""
    verb = Verb()

    with pytest.raises(RuntimeError, match="durable"):
        durable(lambda: durable(verb)(name="written"))()

    assert verb.calls == 0


def test_retrying_counts_attempts() -> None:
    calls: list[int] = []

    def work() -> str:
        calls.append(1)
        if len(calls) < 3:
            raise from_mysql(1213)
        return "done"

    assert retry_conflicts(work, attempts=3) == "done"
    calls.clear()
    with pytest.raises(OperationalError):
        retry_conflicts(work, attempts=2)
    assert len(calls) == 2


# --- With a real second connection --------------------------------------------------------------


@pytest.fixture
def short_patience(transactional_db: None) -> Iterator[None]:
    """Let this connection wait for a lock no longer than it has to."""
    statements = {
        "sqlite": ("PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 5000"),
        "postgresql": ("SET lock_timeout = '50ms'", "SET lock_timeout = '5s'"),
        "mysql": (
            "SET SESSION innodb_lock_wait_timeout = 1",
            "SET SESSION innodb_lock_wait_timeout = 5",
        ),
    }
    shorten, restore = statements[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(shorten)
    yield
    with connection.cursor() as cursor:
        cursor.execute(restore)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    """Start work in a thread with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@for_real
@pytest.mark.usefixtures("short_patience")
def test_a_lock_that_really_stays_taken_is_busy() -> None:
    group = Group.objects.create(name="before")
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Group.objects.select_for_update().get(id=group.id)
            taken.set()
            done.wait(20)

    @durable
    def rename() -> None:
        Group.objects.filter(id=group.id).update(name="after")

    thread = in_thread(hold)
    try:
        assert taken.wait(20)
        with pytest.raises(Busy):
            rename()
    finally:
        done.set()
        thread.join()

    assert groups() == ["before"]
    rename()
    assert groups() == ["after"]


@for_real
def test_two_verbs_that_lock_crosswise_both_succeed() -> None:
    """One of them is the database's victim, and starts over."""
    first, second = (Group.objects.create(name=name) for name in ("a", "b"))
    attempts: list[int] = []
    # SQLite has one writer at a time, and so nothing that could go crosswise: there nobody comes.
    is_sqlite = connection.vendor == "sqlite"
    both_have_one = threading.Barrier(2, timeout=0.2 if is_sqlite else 10)

    @durable
    def rename_both(*ids: int) -> None:
        attempts.append(1)
        for id_ in ids:
            group = Group.objects.select_for_update().get(id=id_)
            group.name += "+"
            group.save()
            # Only the first time: whoever starts over meets nobody.
            with contextlib.suppress(threading.BrokenBarrierError):
                both_have_one.wait()
            both_have_one.abort()

    thread = in_thread(lambda: rename_both(first.id, second.id))
    rename_both(second.id, first.id)
    thread.join()

    assert groups() == ["a++", "b++"]
    # Once in a while, on a machine with much to do, who starts over meets the other one again.
    assert len(attempts) == 2 if is_sqlite else len(attempts) >= 3


def test_ctrl_c_is_heard_although_the_connection_broke_by_it() -> None:
    def work() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            # As the driver does that was reading the answer to COMMIT.
            raise InterfaceError(0, "")

    with pytest.raises(KeyboardInterrupt):
        retry_conflicts(work)
