"""A request that knows nobody: what a view gets that answers everybody alike."""

from collections.abc import Collection
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote_plus

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase

Asked = TypeVar("Asked", bound=HttpRequest)

_PERSONAL_HEADERS = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "CSRF_COOKIE")
# What is set on a request's META when somebody has asked for a token of CSRF.
_CSRF_ASKED_FOR = "CSRF_COOKIE_NEEDS_UPDATE"
# What the same bytes may come in several forms by.
_ALLOWED_TO_VARY = {"", "accept-encoding"}


class PersonalError(Exception):
    """An answer for everybody has looked at who asks, or says something to them alone."""


class _Nobody:
    """Stands for what must not be looked at."""

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def _refuse(self, *_: Any) -> NoReturn:
        name = object.__getattribute__(self, "_name")
        raise PersonalError(f"an answer for everybody looks at request.{name}")

    def __getattr__(self, _name: str) -> NoReturn:
        self._refuse()

    __bool__ = __contains__ = __getitem__ = __iter__ = __len__ = __setattr__ = _refuse


def stranger_of(request: Asked, *, parameters: Collection[str], strict: bool) -> Asked:
    """Return the same request from nobody: no user, no session, no cookie, no message.

    Of its address it has these parameters only. What a view does to it reaches nobody else.
    `strict` lets it raise PersonalError when a view looks at any of these, which a test notices.
    """
    stranger = request.__class__.__new__(request.__class__)
    vars(stranger).update(vars(request))
    stranger.META = {
        name: value for name, value in request.META.items() if name not in _PERSONAL_HEADERS
    }
    stranger.META.pop(_CSRF_ASKED_FOR, None)
    stranger.META["QUERY_STRING"] = _only(parameters, request.META.get("QUERY_STRING", ""))
    # Where Django's own request reads its address from, once.
    vars(stranger)["environ"] = stranger.META
    vars(stranger).pop("GET", None)
    personal: dict[str, Any] = {
        "user": AnonymousUser(),
        "session": {},
        "COOKIES": {},
        "_messages": (),
    }
    for name, nothing in personal.items():
        setattr(stranger, name, _Nobody(name) if strict else nothing)
    return stranger


def _only(parameters: Collection[str], query: str) -> str:
    """Return what an address says by these parameters, as it says it."""
    said = query.split("&")
    return "&".join(each for each in said if unquote_plus(each.partition("=")[0]) in parameters)


def personal_in(stranger: HttpRequest, response: HttpResponseBase) -> str:
    """Say what makes an answer one for somebody alone; empty where nothing does."""
    if _CSRF_ASKED_FOR in stranger.META:
        return "a token of CSRF"
    if response.cookies:
        return f"the cookie {next(iter(response.cookies))}"
    varies = {name.strip().lower() for name in response.headers.get("Vary", "").split(",")}
    return f"Vary: {response.headers['Vary']}" if varies - _ALLOWED_TO_VARY else ""
