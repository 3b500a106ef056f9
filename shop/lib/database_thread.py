"""In a process of many threads, one of them asks the database for all others.

A thread that speaks to a database keeps a connection for good, and threads of an app server come
and go. So where `settings.THREADS` says that there are many, what needs the database is done in one
thread that stays: a page that says what is wrong with a form, the question whether all is well.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections, connections

from shop.lib.group_commit import GroupCommit, NotWrittenInTimeError, TooManyWaitError
from shop.lib.refusals import Busy

Result = TypeVar("Result")

# These are exceptions to the rule; where they are not, whoever comes is better off coming again.
_MOST_WAITING = 64
_SECONDS_TO_WAIT = 5.0


def with_database(work: Callable[[], Result]) -> Result:
    """Return what `work` returns, having done it where the database may be asked.

    It is done in the caller's context. Raises what `work` raises, and Busy where its turn does not
    come in time.
    """
    if settings.THREADS == 1:
        return work()
    try:
        result: Result = _askers.commit(work, seconds=_SECONDS_TO_WAIT)
    except (TooManyWaitError, NotWrittenInTimeError) as error:
        raise Busy from error
    return result


def _do(works: Sequence[Callable[[], Any]]) -> list[Any]:
    close_old_connections()
    return [work() for work in works]


# One at a time, since each is done in the context of whoever wants it.
_askers: GroupCommit[Callable[[], Any], Any] = GroupCommit(
    _do,
    most_together=1,
    most_waiting=_MOST_WAITING,
    name="database-thread",
    at_end=connections.close_all,
)
