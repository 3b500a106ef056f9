"""What every verb that writes needs to know about transactions, on every database."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db import Error as AnyDatabaseError

from shop.lib import metrics
from shop.lib.refusals import Away, Busy, Refusal

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

# SQLSTATE of PostgreSQL, error numbers of MySQL and MariaDB; SQLite has only words.
_CONFLICT_CODES = {"40001", "40P01", 1213, 1020}
_LOCK_WAIT_CODES = {"55P03", 1205}
_LOCK_WAIT_WORDS = ("database is locked", "database table is locked")
# A statement that took too long, or that somebody who looks after the server has ended.
_STATEMENT_CODES = {"57014", 1317, 1969, 3024}
# The server is not there, is starting or stopping, has no room, or has hung up on us. PostgreSQL
# says so by classes of SQLSTATE; its driver, when there is nobody to say anything, by none.
_AWAY_CODES = {"25P03", "25P04", 1040, 1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184}
_AWAY_CODES |= {1203, 1226, 1927, 2002, 2003, 2006, 2013, 4031}
_AWAY_CLASSES = ("08", "53", "57P")

_RETRIED = metrics.counter(
    "novashop_transactions_retried", "Transactions that gave way to another and began again."
)
_GIVEN_UP = metrics.counter(
    "novashop_transactions_given_up",
    "Transactions that did not come to their end, by what was in the way.",
    ["reason"],
)
# Told from the start, so that the first one shows as a rise.
_OBSTACLES = {word: _GIVEN_UP.labels(word) for word in ("conflict", "lock", "statement", "away")}


class OutsideTransactionError(RuntimeError):
    """A verb that only others compose was called without a transaction around it."""


def require_transaction() -> None:
    """Raise OutsideTransactionError unless a transaction is open."""
    if not connection.in_atomic_block:
        raise OutsideTransactionError("this verb needs its caller's transaction")


def is_conflict(error: BaseException) -> bool:
    """Tell whether the database gave way to another transaction, so that a retry can succeed."""
    return bool(_codes(error) & _CONFLICT_CODES)


def is_lock_timeout(error: BaseException) -> bool:
    """Tell whether a lock stayed taken for longer than we are willing to wait."""
    words = str(error)
    return bool(_codes(error) & _LOCK_WAIT_CODES) or any(w in words for w in _LOCK_WAIT_WORDS)


def is_statement_timeout(error: BaseException) -> bool:
    """Tell whether the server ended a statement that took too long."""
    return bool(_codes(error) & _STATEMENT_CODES)


def is_away(error: BaseException) -> bool:
    """Tell whether the database could not be asked at all, or went away while it was."""
    if isinstance(error, InterfaceError):
        return True
    state = getattr(error.__cause__, "sqlstate", "")
    if isinstance(error, OperationalError) and (state is None or state.startswith(_AWAY_CLASSES)):
        return True
    return bool(_codes(error) & _AWAY_CODES)


def refusal_of(error: BaseException) -> Refusal | None:
    """Return what to answer where the database failed; None where the fault is our own."""
    if not isinstance(error, AnyDatabaseError):
        return None
    if is_lock_timeout(error) or is_statement_timeout(error) or is_conflict(error):
        return Busy()
    return Away() if is_away(error) else None


def durable(verb: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Give a verb a transaction of its own, which is on disk when the verb returns.

    Where the database gives way to another transaction the verb starts over; where a lock stays
    taken, or a statement takes, for too long it raises Busy. Raises RuntimeError inside another
    transaction.
    """

    @wraps(verb)
    def in_transaction(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        def work() -> Result:
            with transaction.atomic(durable=True):
                return verb(*args, **kwargs)

        try:
            return retry_conflicts(work)
        except DatabaseError as error:
            if is_lock_timeout(error) or is_statement_timeout(error):
                raise Busy from error
            raise

    return in_transaction


def retry_conflicts(work: Callable[[], Result], *, attempts: int = 4) -> Result:
    """Do `work`, a whole transaction, again while it conflicts with others; then let it fail.

    Who was interrupted meanwhile, by Ctrl-C for instance, stays interrupted.
    """
    while True:
        attempts -= 1
        try:
            return work()
        except AnyDatabaseError as error:
            _raise_interruption(error)
            if not (attempts and is_conflict(error)):
                _count_given_up(error)
                raise
            _RETRIED.inc()


def _count_given_up(error: BaseException) -> None:
    """Count what was in the way; what the database refuses for good reasons is no obstacle."""
    if is_lock_timeout(error):
        _OBSTACLES["lock"].inc()
    elif is_statement_timeout(error):
        _OBSTACLES["statement"].inc()
    elif is_conflict(error):
        _OBSTACLES["conflict"].inc()
    elif is_away(error):
        _OBSTACLES["away"].inc()


def _raise_interruption(error: BaseException) -> None:
    """Raise what cut the statement short, where the driver tells of the broken connection alone."""
    before: BaseException | None = error
    while before is not None:
        if not isinstance(before, Exception):
            raise before
        before = before.__context__


def _codes(error: BaseException) -> set[object]:
    codes: set[object] = set(error.args[:1])
    if error.__cause__ is not None:
        codes.add(getattr(error.__cause__, "sqlstate", None))
    return codes
