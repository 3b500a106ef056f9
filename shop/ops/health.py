"""Whether this process is alive, and whether it can serve: for load balancers and the curious."""

from http import HTTPStatus

from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shop.events import actions as events
from shop.lib.caches.answering import cache_answers
from shop.lib.database_thread import with_database
from shop.lib.refusals import Busy


@never_cache
@require_safe
def alive(_: HttpRequest) -> JsonResponse:
    """Answer, without asking anybody."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(_: HttpRequest) -> JsonResponse:
    """Tell whether the database answers, without which nothing goes; the others are reported."""
    database = _database_answers()
    status = HTTPStatus.OK if database else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse(
        {
            "status": "ok" if database else "unavailable",
            "database": _word(database),
            "cache": _word(cache_answers()),
            **_broker(),
        },
        status=status,
    )


def _database_answers() -> bool:
    try:
        return with_database(_ask)
    except Busy:
        return False


def _ask() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        # Whatever is left of it is of no use to the next request.
        connection.close()
        return False


def _broker() -> dict[str, str]:
    """Return how what carries events is, where something does: orders do not wait for it."""
    found = {"broker": events.carrier_answers(), "kafka": events.others_answer()}
    return {name: _word(answers) for name, answers in found.items() if answers is not None}


def _word(answers: bool) -> str:
    return "ok" if answers else "unavailable"
