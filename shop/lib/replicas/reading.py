"""Views that may lag: what they read may be a few seconds old, so a replica can be asked."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import Error as AnyDatabaseError
from django.template.response import TemplateResponse

from shop.lib.refusals import Refusal
from shop.lib.replicas import counting, visits, watch
from shop.lib.replicas.replica import Replica
from shop.lib.replicas.visits import Visit
from shop.lib.transactions import is_away, is_statement_timeout

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
View = Callable[Arguments, Result]


def may_lag(view: "View[Arguments, Result]") -> "View[Arguments, Result]":
    """Let a view, or a method of one, read from a replica where its visitor would not notice.

    Only GET and HEAD, only for who has not written lately, and only while a replica is well. What
    fails there is asked of the primary, and so is what is refused: that something is not there is
    for the primary to say. Stands right on the function, inside of what answers for refusals.
    """

    @wraps(view)
    def answering(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        visit = visits.current()
        if visit is None or visit.replica:
            return view(*args, **kwargs)
        replica = watch.pick() if visit.is_patient and not visit.has_written else None
        if replica is None:
            counting.FROM_PRIMARY.inc()
            return view(*args, **kwargs)
        try:
            result = _read(lambda: view(*args, **kwargs), visit, replica)
        except (AnyDatabaseError, Refusal) as error:
            if visit.has_written or not _is_for_the_primary(error, replica):
                raise
        else:
            counting.FROM_REPLICA.inc()
            return result
        counting.AGAIN.inc()
        return view(*args, **kwargs)

    return answering


def _read(view: Callable[[], Result], visit: Visit, replica: Replica) -> Result:
    with replica.in_use(), visit.reading_from(replica.alias):
        result = view()
        if isinstance(result, TemplateResponse):
            # The back office's pages read while they are rendered, which would be later.
            result.render()
        return result


def _is_for_the_primary(error: Exception, replica: Replica) -> bool:
    """Tell whether to ask again there: a replica gives way to what it replays, or lacks a column.

    Not where the primary itself has failed meanwhile, nor for a statement that takes too long.
    """
    if isinstance(error, Refusal):
        return True
    if not replica.has_failed() or is_statement_timeout(error):
        return False
    if is_away(error):
        replica.suspect(error)
    return True
