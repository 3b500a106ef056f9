"""Who really called, where proxies stand before the shop."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Answering = Callable[[HttpRequest], HttpResponse]


class ClientAddressMiddleware:
    """Puts the address of the client, and not of our own proxy, into REMOTE_ADDR.

    Each proxy adds the address it was called from to the end of X-Forwarded-For. Behind
    `settings.TRUSTED_PROXIES` of our own, the client is so many entries from the end; whatever
    stands before that was written by the client itself, and is believed by nobody.
    """

    def __init__(self, get_response: Answering) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request as one of the client's."""
        found = forwarded_address(
            request.META.get("HTTP_X_FORWARDED_FOR", ""), proxies=settings.TRUSTED_PROXIES
        )
        if found:
            request.META["REMOTE_ADDR"] = found
        return self._get_response(request)


def forwarded_address(forwarded_for: str, *, proxies: int) -> str:
    """Return who called the first of so many proxies; "" where the header does not say."""
    entries = [entry.strip() for entry in forwarded_for.split(",")]
    if not 0 < proxies <= len(entries):
        return ""
    try:
        return str(ipaddress.ip_address(entries[-proxies]))
    except ValueError:
        return ""
