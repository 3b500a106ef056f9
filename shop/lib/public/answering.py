"""Views whose answers are for everybody, and what their answers tell caches."""

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from shop.lib.public.strangers import PersonalError, personal_in, stranger_of

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], Any]

logger = logging.getLogger(__name__)

# Fresh for a second, old for one more while somebody fetches it anew, and for ten minutes where
# nobody can.
KEEP = "max-age=1, stale-while-revalidate=1, stale-if-error=600"
# Not for anybody else, and not for later.
KEEP_NOT = "private, no-store"
_SAFE = {"GET", "HEAD"}
# When nginx passed the request on, as it writes $msec.
_BEGAN = "HTTP_X_REQUEST_START"
_MOMENT = re.compile(r"[0-9]{9,11}\.[0-9]{3}", re.ASCII)
_ROUNDING = 0.4


def public(*, parameters: Sequence[str] = ()) -> "Callable[[View[Arguments]], View[Arguments]]":
    """Let a view answer everybody alike, and caches keep its answers.

    It gets a request that knows nobody, with these parameters of its address and no others; in
    tests (`settings.TRIPWIRES`) looking at a user, a session or a cookie raises PersonalError. What
    is no reading, or comes with a token, is between the view and who asks, and kept by nobody.
    """

    def deciding(view: "View[Arguments]") -> "View[Arguments]":
        @wraps(view)
        def answering(
            request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            if request.method not in _SAFE or "HTTP_AUTHORIZATION" in request.META:
                return _kept_by_nobody(view(request, *args, **kwargs))
            stranger = stranger_of(request, parameters=parameters, strict=settings.TRIPWIRES)
            return _sealed(stranger, _rendered(view(stranger, *args, **kwargs)))

        # The web server in front passes these on and no others (deploy/nginx/addresses.py).
        answering.public_parameters = tuple(parameters)  # type: ignore[attr-defined]
        return answering

    return deciding


def parameters_of(view: Any) -> tuple[str, ...] | None:
    """Return the parameters of a view that answers everybody; None for any other view."""
    found: tuple[str, ...] | None = getattr(view, "public_parameters", None)
    return found


def _rendered(response: Any) -> Any:
    render = getattr(response, "render", None)
    return render() if render is not None else response


def _sealed(stranger: HttpRequest, response: Any) -> HttpResponseBase:
    """Check that an answer is for everybody, and say for how long it may be kept."""
    personal = personal_in(stranger, response)
    if personal and settings.TRIPWIRES:
        raise PersonalError(f"an answer for everybody has {personal}")
    if personal and not settings.DEBUG:
        logger.error("An answer for everybody is kept by nobody: it has %s", personal)
    if personal or not _may_be_kept(response.status_code):
        return _kept_by_nobody(response)
    response.headers["Cache-Control"] = KEEP
    if settings.TRUSTED_PROXIES and (moment := moment_of(stranger.META.get(_BEGAN, ""))):
        # After Cache-Control, of which it overrides the first word.
        response.headers["X-Accel-Expires"] = moment
    if response.status_code != HTTPStatus.OK:
        return response  # type: ignore[no-any-return]
    etag = response.headers["ETag"] = etag_of(response.content)
    return get_conditional_response(stranger, etag=etag, response=response) or response


def _may_be_kept(status: int) -> bool:
    """Tell answers that everybody would get now from those of a bad moment."""
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS


def _kept_by_nobody(response: Any) -> HttpResponseBase:
    response.headers.setdefault("Cache-Control", KEEP_NOT)
    return response  # type: ignore[no-any-return]


def moment_of(began: str) -> str:
    """Return until when nginx keeps an answer that was asked for then, by its own clock.

    It counts whole seconds: what it was told to keep for one it would keep for almost two. So it is
    told the second in which to stop: 0.6 to 1.4 seconds from when it asked.
    """
    found = _MOMENT.fullmatch(began)
    return f"@{int(float(began) + _ROUNDING)}" if found else ""


def etag_of(body: bytes) -> str:
    """Return what tells one body from another; weak, for it may be sent compressed or not."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
