"""The personal strip: who is signed in, and how many things are in the cart, on every page.

Pages for everybody hold nothing of that. A few lines of script draw it from one cookie, which says
so and opens nothing: it is set whenever it changes, and nobody believes it but the script.
"""

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "strip"
# About as much as there is room for.
_LONGEST_NAME = 40


def show(
    request: HttpRequest, response: HttpResponse, *, name: str, items: int, seconds: int
) -> None:
    """Let pages for everybody show this to the visitor, for so long; nothing for nothing."""
    text = f"{items}.{quote(name[:_LONGEST_NAME], safe='')}" if name or items else ""
    if text == request.COOKIES.get(COOKIE, ""):
        return
    if not text:
        hide(response)
        return
    # The script reads it, so it is no HttpOnly cookie.
    response.set_cookie(
        COOKIE, text, max_age=seconds, secure=settings.HTTPS, httponly=False, samesite="Lax"
    )


def hide(response: HttpResponse) -> None:
    """Let pages for everybody show nothing personal any more."""
    response.delete_cookie(COOKIE, samesite="Lax")


class StripMiddleware:
    """Takes the strip away when somebody has come or gone by another door than the pages'.

    The back office has doors of its own, and a session may simply be over. Stands outside of
    Django's sessions, which say so by their cookie.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self._get_response(request)
        has_changed = settings.SESSION_COOKIE_NAME in response.cookies
        if has_changed and COOKIE not in response.cookies and COOKIE in request.COOKIES:
            hide(response)
        return response
