"""Which addresses may be called, whatever they look like, and what an address says."""

from ipaddress import ip_network

import pytest

from shop.lib.outbound import (
    Destination,
    InvalidUrlError,
    Problem,
    destination_of,
    is_public,
    may_be_called,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "1.1.1.1",
        "172.32.0.1",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "2a00:1450:4001:80b::200e",
        # Public IPv4 in the clothes of IPv6.
        "::ffff:93.184.215.14",
        "64:ff9b::5db8:d70e",
    ],
)
def test_the_open_net_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  (nobody binds to it here)
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:5db8:d70e::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
        "",
    ],
)
def test_all_else_is_not(address: str) -> None:
    assert not is_public(address)


def test_networks_that_are_named_may_be_called_besides() -> None:
    home = [ip_network("10.1.0.0/16"), ip_network("::1/128")]
    asked = ("10.1.2.3", "::ffff:10.1.2.3", "::1", "10.2.0.1", "127.0.0.1", "1.1.1.1", "what")
    assert [may_be_called(address, also=home) for address in asked] == [
        True,
        True,
        True,
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://shop.example", Destination("shop.example", 443, "/", True)),
        (
            "HTTPS://Shop.Example:8443/a/b?c=d#e",
            Destination("shop.example", 8443, "/a/b?c=d", True),
        ),
        ("http://127.0.0.1:8000/x", Destination("127.0.0.1", 8000, "/x", False)),
        ("https://[2606:2800::1]/x", Destination("2606:2800::1", 443, "/x", True)),
        (
            "https://bücher.example/ä?ö=é",
            Destination("xn--bcher-kva.example", 443, "/%C3%A4?%C3%B6=%C3%A9", True),
        ),
        (
            "https://shop.example/%7Bdone%7D?a=b%20c",
            Destination("shop.example", 443, "/%7Bdone%7D?a=b%20c", True),
        ),
        # Numbers that a name server takes for addresses: what they lead to is looked at then.
        ("https://2130706433/", Destination("2130706433", 443, "/", True)),
    ],
)
def test_an_address_says_where_to_go(url: str, found: Destination) -> None:
    assert destination_of(url) == found


@pytest.mark.parametrize(
    ("host", "authority"),
    [
        (Destination("shop.example", 443, "/", True), "shop.example"),
        (Destination("shop.example", 80, "/", False), "shop.example"),
        (Destination("shop.example", 80, "/", True), "shop.example:80"),
        (Destination("2606:2800::1", 8443, "/", True), "[2606:2800::1]:8443"),
    ],
)
def test_the_host_is_told_as_the_address_has_it(host: Destination, authority: str) -> None:
    assert host.authority == authority


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", Problem.SCHEME),
        ("shop.example/hook", Problem.SCHEME),
        ("ftp://shop.example/", Problem.SCHEME),
        ("file:///etc/passwd", Problem.SCHEME),
        ("https://", Problem.MALFORMED),
        ("https:///path", Problem.MALFORMED),
        ("https://shop example/", Problem.MALFORMED),
        ("https://shop.example/a\r\nX-Evil: 1", Problem.MALFORMED),
        ("https://shop.example/\x00", Problem.MALFORMED),
        ("https://shop.example\\@127.0.0.1/", Problem.MALFORMED),
        ("https://sho_p!.example/", Problem.MALFORMED),
        ("https://[::1/", Problem.MALFORMED),
        ("https://shop.example:99999/", Problem.MALFORMED),
        ("https://" + "a" * 64 + "ü.example/", Problem.MALFORMED),
        ("https://user:secret@shop.example/", Problem.CREDENTIALS),
        ("https://@shop.example/", Problem.CREDENTIALS),
        ("https://shop.example:25/", Problem.PORT),
        ("https://shop.example:0/", Problem.PORT),
        ("https://shop.example/" + "a" * 500, Problem.TOO_LONG),
    ],
)
def test_what_leads_nowhere_is_refused(url: str, problem: Problem) -> None:
    with pytest.raises(InvalidUrlError) as refused:
        destination_of(url)
    assert refused.value.problem == problem
