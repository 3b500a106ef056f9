"""What every verb that writes needs to know about transactions, on every database."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, connection, transaction

from shop.lib.refusals import Busy

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

# SQLSTATE of PostgreSQL, error numbers of MySQL and MariaDB; SQLite has only words.
_CONFLICT_CODES = {"40001", "40P01", 1213, 1020}
_LOCK_WAIT_CODES = {"55P03", 1205}
_LOCK_WAIT_WORDS = ("database is locked", "database table is locked")


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


def durable(verb: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Give a verb a transaction of its own, which is on disk when the verb returns.

    Where the database gives way to another transaction the verb starts over; where a lock stays
    taken for too long it raises Busy. Raises RuntimeError inside another transaction.
    """

    @wraps(verb)
    def in_transaction(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        def work() -> Result:
            with transaction.atomic(durable=True):
                return verb(*args, **kwargs)

        try:
            return retry_conflicts(work)
        except DatabaseError as error:
            if is_lock_timeout(error):
                raise Busy from error
            raise

    return in_transaction


def retry_conflicts(work: Callable[[], Result], *, attempts: int = 4) -> Result:
    """Do `work`, a whole transaction, again while it conflicts with others; then let it fail."""
    for _ in range(attempts - 1):
        try:
            return work()
        except DatabaseError as error:
            if not is_conflict(error):
                raise
    return work()


def _codes(error: BaseException) -> set[object]:
    codes: set[object] = set(error.args[:1])
    if error.__cause__ is not None:
        codes.add(getattr(error.__cause__, "sqlstate", None))
    return codes
