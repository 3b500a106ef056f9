"""Long lists, page by page: `{next, previous, results}` with absolute addresses."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from shop.api.resources import read

PAGE_SIZE = 24
LARGEST_PAGE = 100


class PageQuery(serializers.Serializer[Any]):
    """Which page of a list is wanted."""

    cursor = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=2_000,
        help_text="Where the page begins. Not to be made: `next` and `previous` contain it.",
    )
    page_size = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_PAGE,
        default=PAGE_SIZE,
        help_text="How many entries a page has.",
    )


def names_of(serializer: type[PageQuery]) -> tuple[str, ...]:
    """Return what an address of such a list may say."""
    return tuple(serializer().fields)


class Found(Protocol):
    """A page as the shop's queries return it."""

    @property
    def next(self) -> str | None: ...

    @property
    def previous(self) -> str | None: ...


def query(request: Request, serializer: type[PageQuery] = PageQuery) -> dict[str, Any]:
    """Return what a query says, with `cursor` and `size`. Raises ValidationError."""
    wanted = dict(read(serializer, request.query_params.dict()))
    wanted["size"] = wanted.pop("page_size")
    wanted["cursor"] = wanted.get("cursor") or None
    return wanted


def answer(
    request: Request, found: Found, entries: Sequence[Any], body: Callable[..., Any]
) -> Response:
    """Answer with a page whose entries are rendered by the serializer `body`."""
    return answer_rendered(request, found, body(entries, many=True).data)


def answer_rendered(request: Request, found: Found, entries: Sequence[Any]) -> Response:
    """Answer with a page whose entries are bodies already."""
    return Response(
        {
            "next": _address(request, found.next),
            "previous": _address(request, found.previous),
            "results": entries,
        }
    )


def answer_written(request: Request, found: Found, entries: Sequence[bytes]) -> HttpResponse:
    """Answer with a page whose entries are JSON already: byte for byte the same, only sooner."""
    frame: dict[str, Any] = {
        "next": _address(request, found.next),
        "previous": _address(request, found.previous),
        "results": [],
    }
    head = JSONRenderer().render(frame).removesuffix(b"]}")
    return HttpResponse(
        b"%b%b]}" % (head, b",".join(entries)), content_type=JSONRenderer.media_type
    )


@cache
def page_of(body: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the serializer of a page of such entries, for the API's description."""
    fields = {
        "next": serializers.URLField(allow_null=True, help_text="The page after this one."),
        "previous": serializers.URLField(allow_null=True, help_text="The page before this one."),
        "results": body(many=True),
        "__doc__": f"A page of a list of {body.__name__}s.",
    }
    return type(f"{body.__name__}Page", (serializers.Serializer,), fields)


def _address(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)
