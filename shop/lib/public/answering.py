"""Views whose answers are for everybody, and what their answers tell caches."""

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial, wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from shop.lib.public import keeping, parts
from shop.lib.public.records import UntaggedError, etag_of
from shop.lib.public.strangers import PersonalError, personal_in, stranger_of
from shop.lib.replicas.visits import from_primary

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], Any]

logger = logging.getLogger(__name__)

# Fresh for a second, old for one more while somebody fetches it anew, and for ten minutes where
# nobody can.
KEEP = "max-age=1, stale-while-revalidate=1, stale-if-error=600"
# Not for anybody else, and not for later.
KEEP_NOT = "private, no-store"
_SAFE = {"GET", "HEAD"}
# What nginx is told, and asks, of an answer that is the same as before.
_SAID_OF_NOTHING_NEW = {"X-Accel-Expires", "X-Cache"}
# When nginx passed the request on, as it writes $msec.
_BEGAN = "HTTP_X_REQUEST_START"
_MOMENT = re.compile(r"[0-9]{9,11}\.[0-9]{3}", re.ASCII)
_ROUNDING = 0.4


def public(
    *, generations: Sequence[str], parameters: Sequence[str] = ()
) -> "Callable[[View[Arguments]], View[Arguments]]":
    """Let a view answer everybody alike, and caches keep its answers.

    It gets a request that knows nobody, with these parameters of its address and no others; in
    tests (`settings.TRIPWIRES`) looking at a user, a session or a cookie raises PersonalError.
    `generations` name what it shows, `product:{product_id}` by what its address says: its answers
    are kept (`keeping`) until one of these is renewed. What is no reading, or comes with a token,
    is between the view and who asks, and kept by nobody.

    Raises UntaggedError where it is made of nothing.
    """
    if not generations:
        raise UntaggedError

    def deciding(view: "View[Arguments]") -> "View[Arguments]":
        @wraps(view)
        def answering(
            request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            if request.method not in _SAFE or "HTTP_AUTHORIZATION" in request.META:
                return _live(request, partial(view, request, *args, **kwargs))
            stranger = stranger_of(request, parameters=parameters, strict=settings.TRIPWIRES)

            def make() -> Any:
                return _checked(stranger, _rendered(view(stranger, *args, **kwargs)))

            if not settings.KEEP_PAGES:
                return _sealed(stranger, make())
            with from_primary():
                names = [name.format(**kwargs) for name in generations]
                return _sealed(stranger, keeping.answer(stranger, names, make))

        # The web server in front passes these on and no others (deploy/nginx/addresses.py).
        answering.public_parameters = tuple(parameters)  # type: ignore[attr-defined]
        return answering

    return deciding


def parameters_of(view: Any) -> tuple[str, ...] | None:
    """Return the parameters of a view that answers everybody; None for any other view."""
    found: tuple[str, ...] | None = getattr(view, "public_parameters", None)
    return found


def _live(request: HttpRequest, make: Callable[[], Any]) -> HttpResponseBase:
    """Answer somebody alone. Whoever only reads may have it put together of parts that are kept."""
    if request.method not in _SAFE:
        return _kept_by_nobody(make())
    with parts.in_use(is_live=True):
        return _kept_by_nobody(make())


def _rendered(response: Any) -> Any:
    render = getattr(response, "render", None)
    return render() if render is not None else response


def _checked(stranger: HttpRequest, response: Any) -> Any:
    """Let nobody keep an answer that is not for everybody. Raises PersonalError in tests."""
    personal = personal_in(stranger, response)
    if personal and settings.TRIPWIRES:
        raise PersonalError(f"an answer for everybody has {personal}")
    if personal and not settings.DEBUG:
        logger.error("An answer for everybody is kept by nobody: it has %s", personal)
    if personal or not _may_be_kept(response.status_code):
        return _kept_by_nobody(response)
    return response


def _sealed(stranger: HttpRequest, response: Any) -> HttpResponseBase:
    """Say for how long an answer may be kept."""
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = KEEP
        if settings.TRUSTED_PROXIES and (moment := moment_of(stranger.META.get(_BEGAN, ""))):
            # After Cache-Control, of which it overrides the first word.
            response.headers["X-Accel-Expires"] = moment
    if response.status_code != HTTPStatus.OK or response.headers["Cache-Control"] == KEEP_NOT:
        return response  # type: ignore[no-any-return]
    etag = response.headers.get("ETag") or etag_of(response.content)
    response.headers["ETag"] = etag
    answered = get_conditional_response(stranger, etag=etag, response=response) or response
    for name in _SAID_OF_NOTHING_NEW & response.headers.keys():
        answered.headers[name] = response.headers[name]
    return answered


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
