"""The address that limits count by is the client's, whatever a client says of itself."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from shop.lib.proxies import ClientAddressMiddleware, forwarded_address

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("header", "proxies", "address"),
    [
        ("192.0.2.7", 1, "192.0.2.7"),
        ("192.0.2.7, 10.0.0.1", 2, "192.0.2.7"),
        # What the client made up stands further to the left.
        ("1.1.1.1, 192.0.2.7", 1, "192.0.2.7"),
        ("1.1.1.1,2.2.2.2 , 192.0.2.7,10.0.0.1", 2, "192.0.2.7"),
        ("2001:DB8::7", 1, "2001:db8::7"),
        ("192.0.2.7", 0, ""),
        ("192.0.2.7", 2, ""),
        ("", 1, ""),
        ("somewhere", 1, ""),
        ("192.0.2.7:4711", 1, ""),
        ("<script>", 1, ""),
    ],
)
def test_the_entry_that_our_own_first_proxy_wrote(header: str, proxies: int, address: str) -> None:
    assert forwarded_address(header, proxies=proxies) == address


@pytest.mark.parametrize(("proxies", "address"), [(0, "10.0.0.1"), (1, "192.0.2.7")])
def test_it_is_what_everybody_reads(settings: Any, proxies: int, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}

    ClientAddressMiddleware(lambda _: HttpResponse())(request)

    assert request.META["REMOTE_ADDR"] == address
