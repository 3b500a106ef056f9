"""A process of the order lane: orders, and whether it is well. Nothing else is answered here."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

_MISDIRECTED = 421


class OrderLaneMiddleware:
    """Refuses what would take threads, and connections to the database, away from orders."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer an order, or the question whether all is well."""
        is_order = request.method == "POST" and request.path_info in settings.ORDER_PATHS
        if is_order or request.path_info in settings.WATCHED:
            return self._get_response(request)
        return HttpResponse(
            "This server takes orders and nothing else.\n",
            status=_MISDIRECTED,
            content_type="text/plain",
        )
