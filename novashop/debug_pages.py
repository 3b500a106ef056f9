"""Who sees Django Debug Toolbar, and how answers that are no pages come by one: with DEBUG=on."""

import ipaddress
import json
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.cache import patch_vary_headers
from django.utils.html import escape

Answering = Callable[[HttpRequest], HttpResponse]

_NAMES_OF_THIS_MACHINE = {"127.0.0.1", "localhost", "[::1]"}
# What browsers and watchers fetch beside pages would push them out of what the toolbar keeps.
_BESIDE_PAGES = "/favicon.ico"
_PAGES = ("text/html", "application/xhtml+xml")
_JSON = re.compile(r"application/(?:[\w.-]+\+)?json")
_LINK = re.compile(r"&quot;(https?://(?:(?!&quot;)\S)+)&quot;")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif }}
h1 {{ font-size: 1.25rem; overflow-wrap: anywhere }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{kind}, shown as a page because a browser asked for one. Programs get it as it is.</p>
<pre>{text}</pre>
</body>
</html>
"""


def is_watched(request: HttpRequest) -> bool:
    """Tell whether the toolbar works for this request: DEBUG is on, and it is from this machine.

    A proxy is on this machine too, but not those who come through it: each address that it names
    has to be of this machine, and so has the name by which the shop was called.
    """
    return settings.DEBUG and _is_from_this_machine(request) and not is_beside_pages(request)


def is_beside_pages(request: HttpRequest) -> bool:
    """Tell whether this is a picture or a probe, of which there are many for one page."""
    return request.path_info.startswith((settings.MEDIA_URL, _BESIDE_PAGES, *settings.WATCHED))


def _is_from_this_machine(request: HttpRequest) -> bool:
    name, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
    forwarded_for = request.META.get("HTTP_X_FORWARDED_FOR", "")
    addresses = [request.META.get("REMOTE_ADDR", "")]
    addresses += forwarded_for.split(",") if forwarded_for else []
    return name in _NAMES_OF_THIS_MACHINE and all(map(_is_of_this_machine, addresses))


def _is_of_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip()).is_loopback
    except ValueError:
        return False


class DebugPageMiddleware:
    """Lets the toolbar into what a browser shows, and keeps it out of everything else.

    Stands just inside of the toolbar, which puts itself into whatever leaves here as a page.
    """

    def __init__(self, get_response: Answering) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self._get_response(request)
        if not is_watched(request):
            return response
        if _wants_a_page(request, response):
            _show_as_page(request, response)
        if _media_type(response) in _PAGES:
            _prepare_page(request, response)
        return response


def _prepare_page(request: HttpRequest, response: HttpResponse) -> None:
    if "HX-Request" in request.headers:
        # A part of the page that is open, which has its toolbar; into what is encoded, even in no
        # way at all, none is put. That it was asked for, the toolbar knows nevertheless.
        response.headers.setdefault("Content-Encoding", "identity")
    # With the toolbar in it the page is this request's alone, and no proxy is to keep it.
    response.headers["Cache-Control"] = "no-store"


def _wants_a_page(request: HttpRequest, response: HttpResponse) -> bool:
    """Tell whether this is JSON for a browser that would rather have a page: its address bar."""
    kind = _media_type(response)
    if response.streaming or not response.content or not _JSON.fullmatch(kind):
        return False
    if "json" in request.headers.get("Accept", ""):
        return False
    return request.get_preferred_type([kind, "text/html"]) == "text/html"


def _show_as_page(request: HttpRequest, response: HttpResponse) -> None:
    """Put the JSON of the answer into a page. Its status and its other headers stay."""
    title = escape(f"{request.method} {request.get_full_path()}: {response.status_code}")
    text = escape(_laid_out(response.content))
    linked = _LINK.sub(r'&quot;<a href="\1">\1</a>&quot;', text)
    kind = escape(_media_type(response))
    response.content = _PAGE.format(title=title, kind=kind, text=linked).encode()
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(response.content))
    patch_vary_headers(response, ["Accept"])


def _laid_out(content: bytes) -> str:
    text = content.decode(errors="replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def _media_type(response: HttpResponse) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip()
