"""https by the example: it is a configuration that works, with a certificate of one's own."""

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.nginx.site import HERE as FOLDER
from shop.ops.tests.processes import free_port
from tests.stack.front import HERE, Front, Said, read_answer

pytestmark = pytest.mark.once

NAME = "shop.example.org"
HSTS = "max-age=31536000; includeSubDomains; preload"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate and its key, in one file."""
    file = tmp_path / "certificate.pem"
    made = {"-keyout": tmp_path / "key.pem", "-out": tmp_path / "only.pem"}
    wish = {"-newkey": "rsa:2048", "-days": "2", "-subj": f"/CN={NAME}"} | made
    options = [str(part) for pair in wish.items() for part in pair]
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-addext", f"subjectAltName=DNS:{NAME}", *options],
        check=True,
        capture_output=True,
    )
    file.write_bytes((tmp_path / "key.pem").read_bytes() + (tmp_path / "only.pem").read_bytes())
    return file


@pytest.fixture
def plain_port() -> int:
    """Where those come who use http."""
    return free_port()


@pytest.fixture
def shop(front: Front, certificate: Path, plain_port: int) -> Iterator[Front]:
    """nginx with the example, its places of this machine apart."""
    example = (FOLDER / "tls.conf.example").read_text()
    for pattern, place in {
        r"(ssl_certificate(_key)?\s+)\S+;": rf"\g<1>{certificate};",
        r"listen 80;": f"listen {HERE}:{plain_port};",
    }.items():
        example, times = re.subn(pattern, place, example)
        assert times
    marker = "    server_names_hash_bucket_size"
    with front.started(
        listen=f"{HERE}:{front.port} ssl",
        public_port=443,
        names=[NAME],
        change=lambda text: text.replace(marker, f"{example}\n{marker}"),
    ):
        yield front


def _ask(shop: Front, certificate: Path, *, host: str = f"{NAME}:4444") -> tuple[Said, str]:
    """Return the answer, and the protocol it came by, from a server that has proven its name."""
    context = ssl.create_default_context(cafile=str(certificate))
    with (
        socket.create_connection((HERE, shop.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        connection.sendall(
            f"GET /products/ HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Proto: http\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        return read_answer(connection), str(connection.version())


def test_nginx_has_nothing_to_remark_on_the_example(shop: Front) -> None:
    assert "successful" in shop.test()
    assert "warn" not in shop.test()


def test_a_visitor_by_https_is_told_to_stay_there(shop: Front, certificate: Path) -> None:
    said, protocol = _ask(shop, certificate)

    assert (said.status, said.body) == (200, b"GET /products/")
    assert protocol in {"TLSv1.2", "TLSv1.3"}
    assert said.values("Strict-Transport-Security") == [HSTS]
    (asked,) = shop.asked
    assert asked.values("X-Forwarded-Proto") == ["https"]
    assert asked.values("Host") == [NAME]


def test_what_the_app_says_of_it_is_not_said_twice(shop: Front, certificate: Path) -> None:
    for app in shop.pages:
        app.answering = lambda _: (200, {"Strict-Transport-Security": "max-age=7"}, b"")

    assert _ask(shop, certificate)[0].values("Strict-Transport-Security") == ["max-age=7"]


def test_a_host_that_is_not_ours_is_refused_by_https_as_well(
    shop: Front, certificate: Path
) -> None:
    assert _ask(shop, certificate, host="evil.example")[0].status == 421
    assert shop.asked == []


def test_who_comes_by_http_is_sent_on(shop: Front, plain_port: int) -> None:
    with socket.create_connection((HERE, plain_port), timeout=20) as connection:
        connection.sendall(
            f"POST /checkout/?a=b HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode()
        )
        said = read_answer(connection)

    # The method stays what it was.
    assert (said.status, said.value("Location")) == (308, f"https://{NAME}/checkout/?a=b")
    assert shop.asked == []
