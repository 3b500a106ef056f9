"""One request to somebody else's server: whom it reaches, and what it cannot do to us."""

import asyncio
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from shop.lib.outbound import Answer, Letter, Limits, NoAnswerError, Reason, exchange, post
from tests.peers import HERE, Peer, peer, says, sends, stays_silent

pytestmark = pytest.mark.once

HOME = [ip_network("127.0.0.0/8")]
QUICK = Limits(connect_seconds=0.5, total_seconds=1.0, head_bytes=2_000, body_bytes=100)


def ask(url: str, *, also: Any = HOME, limits: Limits = QUICK) -> Answer:
    letter = Letter(url, {"X-Sign": "signed"}, b'{"a":1}')
    return asyncio.run(post(letter, also=also, limits=limits))


def no_answer(url: str, *, also: Any = HOME, limits: Limits = QUICK) -> tuple[Reason, str]:
    with pytest.raises(NoAnswerError) as failed:
        ask(url, also=also, limits=limits)
    return failed.value.reason, failed.value.address


@pytest.fixture
def names(monkeypatch: Any) -> dict[str, list[list[str]]]:
    """A name server: for each name a list of what it says, one after the other."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *more: Any, **options: Any) -> Any:
        if host not in known:
            return real(host, port, *more, **options)
        found = known[host].pop(0)
        return [row for address in found for row in real(address, port, *more, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def test_it_posts_and_brings_the_answer_back() -> None:
    with peer(says(201, "thanks", retry_after="7")) as other:
        answer = ask(other.url("/hook/ä?b=c"))
    assert (answer.status, bytes(answer.body), answer.retry_after) == (201, b"thanks", "7")
    assert (answer.address, answer.is_cut) == (HERE, False)
    line, _, rest = other.asked[0].partition(b"\r\n")
    assert line == b"POST /hook/%C3%A4?b=c HTTP/1.1"
    assert rest.endswith(b'\r\n\r\n{"a":1}')
    assert other.heads() == [
        {
            "host": f"{HERE}:{other.port}",
            "connection": "close",
            "content-length": "7",
            "x-sign": "signed",
        }
    ]


def test_redirects_are_not_followed() -> None:
    with peer(says(200)) as elsewhere, peer(says(302, location=elsewhere.url())) as other:
        assert ask(other.url()).status == 302
    assert (len(other.asked), elsewhere.arrived) == (1, [])


def test_a_private_address_is_not_even_connected_to() -> None:
    with peer(says(200)) as other:
        assert no_answer(other.url(), also=[]) == (Reason.ADDRESS, HERE)
        encrypted = other.url().replace("http:", "https:")
        assert no_answer(encrypted, also=[]) == (Reason.ADDRESS, HERE)
    assert other.arrived == []


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "[::ffff:127.0.0.1]"]
)
def test_nor_in_disguise(host: str) -> None:
    with peer(says(200)) as other:
        reason, _ = no_answer(f"https://{host}:{other.port}/", also=[])
    assert reason == Reason.ADDRESS
    assert other.arrived == []


def test_a_name_that_leads_to_a_private_address_is_not_connected_to(names: Any) -> None:
    names["shop.example"] = [[HERE, "169.254.169.254"]]
    with peer(says(200)) as other:
        found = no_answer(f"https://shop.example:{other.port}/", also=[])
    assert found == (Reason.ADDRESS, f"{HERE}, 169.254.169.254")
    assert other.arrived == []


def test_of_a_name_with_both_only_what_is_allowed_is_connected_to(names: Any) -> None:
    names["shop.example"] = [["10.0.0.1", HERE]]
    with peer(says(200)) as other:
        answer = ask(f"http://shop.example:{other.port}/")
    assert (answer.status, answer.address) == (200, HERE)


def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(names: Any) -> None:
    """A name server that says something else the second time is never asked a second time."""
    names["shop.example"] = [[HERE], ["169.254.169.254"]]
    with peer(says(200)) as other:
        assert ask(f"http://shop.example:{other.port}/").address == HERE
        assert names["shop.example"] == [["169.254.169.254"]]
    assert other.heads()[0]["host"] == f"shop.example:{other.port}"


def test_plain_http_goes_to_networks_of_our_own_alone(names: Any) -> None:
    names["shop.example"] = [["93.184.215.14"]]
    assert no_answer("http://shop.example/") == (Reason.ADDRESS, "93.184.215.14")


def test_a_name_that_nobody_knows_is_said(monkeypatch: Any) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert no_answer("https://nowhere.example/") == (Reason.NAME, "")


def test_a_name_server_that_says_nothing_is_given_up_in_time(monkeypatch: Any) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(20))
    started = time.monotonic()
    assert no_answer("https://shop.example/") == (Reason.TIME, "")
    assert time.monotonic() - started < 3
    # Nobody waits for this thread, not even the end of the process.
    (asking,) = (thread for thread in threading.enumerate() if thread.name == "name-lookup")
    assert asking.daemon
    answered.set()
    asking.join(5)


def test_where_nobody_listens_is_said() -> None:
    with socket.create_server((HERE, 0)) as free:
        port = free.getsockname()[1]
    assert no_answer(f"http://{HERE}:{port}/") == (Reason.CONNECTION, HERE)


def test_the_next_address_is_tried_where_nobody_listens_at_the_first(names: Any) -> None:
    with peer(says(200)) as other:
        names["shop.example"] = [["127.0.0.2", HERE]]
        answer = ask(f"http://shop.example:{other.port}/")
    assert (answer.status, answer.address) == (200, HERE)


def _drips_its_head(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [stays_silent(5), _drips_its_head], ids=["silent", "drips"])
def test_whoever_is_slow_is_given_up_in_time(answer: Any) -> None:
    started = time.monotonic()
    with peer(answer) as other:
        assert no_answer(other.url()) == (Reason.TIME, HERE)
    assert time.monotonic() - started < 3


def test_a_slow_body_is_cut_once_the_status_is_there() -> None:
    head = b"HTTP/1.1 202 OK\r\nContent-Length: 50\r\n\r\n"
    with peer(sends(head, *[b"x"] * 50, pause=0.1)) as other:
        answer = ask(other.url())
    assert (answer.status, answer.is_cut) == (202, True)
    assert 1 <= len(answer.body) < 50


def test_a_large_body_is_cut() -> None:
    with peer(says(200, "y" * 5_000_000)) as other:
        answer = ask(other.url())
    assert (answer.status, bytes(answer.body), answer.is_cut) == (200, b"y" * 100, True)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
    ids=["large head", "endless promises", "no HTTP", "hangs up"],
)
def test_what_is_no_answer_is_said_to_be_none(said: bytes) -> None:
    with peer(sends(said)) as other:
        assert no_answer(other.url()) == (Reason.UNREADABLE, HERE)


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of shop.example, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=shop.example"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-addext", "subjectAltName=DNS:shop.example"),
            *("-out", str(files[0]), "-keyout", str(files[1])),
        ],
        check=True,
        capture_output=True,
    )
    return files


@pytest.fixture
def encrypted(certificate: tuple[Path, Path]) -> Iterator[Peer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with peer(says(200, "safe"), context=context) as other:
        yield other


def test_a_certificate_that_nobody_trusts_is_none(encrypted: Peer, names: Any) -> None:
    names["shop.example"] = [[HERE]]
    found = no_answer(f"https://shop.example:{encrypted.port}/")
    assert found == (Reason.CERTIFICATE, HERE)
    assert encrypted.asked == []


def test_the_certificate_is_that_of_the_name(
    encrypted: Peer, names: Any, certificate: tuple[Path, Path], monkeypatch: Any
) -> None:
    trust = ssl.create_default_context(cafile=str(certificate[0]))
    monkeypatch.setattr(exchange, "_trust", lambda: trust)
    names["shop.example"], names["other.example"] = [[HERE]], [[HERE]]
    answer = ask(f"https://shop.example:{encrypted.port}/")
    assert (answer.status, bytes(answer.body)) == (200, b"safe")
    wrong = no_answer(f"https://other.example:{encrypted.port}/")
    assert wrong == (Reason.CERTIFICATE, HERE)


def test_a_server_that_never_finishes_its_handshake_is_given_up_in_time() -> None:
    with socket.create_server((HERE, 0)) as silent:
        found = no_answer(f"https://{HERE}:{silent.getsockname()[1]}/")
    assert found == (Reason.TIME, HERE)
