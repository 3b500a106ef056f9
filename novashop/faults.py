"""The last word: what is answered where something failed and no face had an answer of its own."""

import sys

from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response

from shop.api import problems
from shop.lib.transactions import refusal_of
from shop.storefront import answers


def answer(request: HttpRequest) -> HttpResponse:
    """Answer for the exception that is being handled: Django's handler500.

    A database that is away, or kept busy by others, is no fault of ours: it gets a 503 that says
    so, and one line in the log instead of a story for each visitor.
    """
    error = sys.exc_info()[1]
    refusal = refusal_of(error) if error is not None else None
    is_api = request.path.startswith("/api/")
    response = problems.fault(refusal) if is_api else answers.fault(request, refusal)
    if refusal is not None:
        log_response(
            "%s: %s: %s",
            refusal.code,
            request.resolver_match.route if request.resolver_match else "",
            _first_line(error),
            response=response,
            request=request,
            level="warning",
        )
    return response


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]
