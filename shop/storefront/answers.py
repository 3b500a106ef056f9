"""Answers that all pages share: a page that says no, and pages for one person."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import server_error

from shop.gate.errors import TooManyRequests
from shop.lib.refusals import Refusal
from shop.storefront.sentences import sentence_of, status_of

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]

_TITLES = {
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.FORBIDDEN: "Not allowed",
    HTTPStatus.TOO_MANY_REQUESTS: "One moment, please",
    HTTPStatus.SERVICE_UNAVAILABLE: "One moment, please",
}
_RETRY_SECONDS = "2"
_NO_SUCH_METHOD = (
    "This page cannot be opened like that, and nothing was changed. Please go to the shop and"
    " find your way from there."
)


def answers_refusals(view: "View[Arguments]") -> "View[Arguments]":
    """Let a view refuse: its visitor reads a sentence, with the status that goes with it."""

    @wraps(view)
    def answering(
        request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return _refused(request, refusal)

    return answering


def for_methods(*names: str) -> "Callable[[View[Arguments]], View[Arguments]]":
    """Let a view answer these methods; whoever comes by another one reads so, with a 405."""

    def deciding(view: "View[Arguments]") -> "View[Arguments]":
        @wraps(view)
        def answering(
            request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponse:
            if request.method in names:
                return view(request, *args, **kwargs)
            return _no_such_method(request, names)

        return answering

    return deciding


def _no_such_method(request: HttpRequest, names: tuple[str, ...]) -> HttpResponse:
    context = {"title": "That did not work", "sentence": _NO_SUCH_METHOD}
    status = HTTPStatus.METHOD_NOT_ALLOWED
    response = render(request, "storefront/refused.html", context, status=status)
    response["Allow"] = ", ".join(names)
    return response


def fault(request: HttpRequest, refusal: Refusal | None) -> HttpResponse:
    """Return the page where no view could answer: why, or that it is our fault.

    The page asks nobody anything, since the database may be what is missing.
    """
    if refusal is None:
        return server_error(request)
    words = {"title": _TITLES[status_of(refusal)], "sentence": sentence_of(refusal)}
    page = render_to_string("503.html", words)
    headers = {"Retry-After": _RETRY_SECONDS, "Cache-Control": "no-store"}
    return HttpResponse(page, status=status_of(refusal), headers=headers)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    status = status_of(refusal)
    context: dict[str, Any] = {
        "title": _TITLES.get(status, "That did not work"),
        "sentence": sentence_of(refusal),
    }
    response = render(request, "storefront/refused.html", context, status=status)
    if isinstance(refusal, TooManyRequests):
        response["Retry-After"] = str(refusal.retry_after)
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = _RETRY_SECONDS
    return response
