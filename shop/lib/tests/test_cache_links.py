"""A link to Redis is one process's own, and every thread's connection one thread's."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from deploy.servers.account import Account
from shop.lib.caches.server import Server
from shop.lib.caches.wire import PROBLEMS
from tests.redis import OneProcess, PrivateRedis, keepers, private_redis, processes
from tests.waiting import wait_until as wait

pytestmark = pytest.mark.once

SIGNING = (
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
    *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
    *("-keyout", "key", "-out", "pem"),
)
# In a process of its own: whoever runs the tests has threads, and forking those is no good.
FORKING = """
import os, sys, threading
from django.conf import settings
settings.configure(METRICS_DIR="", PROCESS="")
from shop.lib.caches.backend import RedisCache

def keepers():
    return [thread.name for thread in threading.enumerate()].count("cache-keeper")

cache = RedisCache(sys.argv[1], {"KEY_PREFIX": "novashop"})
cache.set("key", "parent's")
assert cache.get("key") == "parent's" and keepers() == 1
child = os.fork()
if not child:
    assert keepers() == 0
    assert cache.get("key") == "parent's" and keepers() == 1
    cache.set("key", "child's")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert cache.get("key") == "child's" and cache.link.breaker.openings == 0
print("well")
"""


@pytest.fixture(scope="module")
def redis() -> Iterator[PrivateRedis]:
    with private_redis() as server:
        yield server


def clients(redis: PrivateRedis) -> int:
    return redis.say("CLIENT LIST").count(b"addr=") - 1


def test_a_fork_makes_its_own(redis: PrivateRedis) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKING, redis.url],
        cwd=settings.BASE_DIR,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == ("well\n", "")


def test_a_thread_that_ends_hangs_up(redis: PrivateRedis) -> None:
    with processes(redis.url, patient=True) as [cache]:
        wait(cache.answers)
        cache.set("key", "value")
        before = clients(redis)
        found: list[object] = []
        threads = [
            threading.Thread(target=lambda: found.append(cache.get("key"))) for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == ["value"] * 5
        wait(lambda: clients(redis) == before)


def test_threads_that_begin_together_make_one_link(redis: PrivateRedis) -> None:
    with processes(redis.url, patient=True) as [cache]:
        barrier, found = threading.Barrier(20), []
        before = keepers()

        def ask() -> None:
            barrier.wait()
            found.append(cache.answers())

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # On a busy machine the first look may take longer than they wait for it.
        assert len(found) == 20
        wait(cache.answers)
        # Those of tests before this one may still be on their way out.
        wait(lambda: keepers() <= before + 1)
        assert keepers() >= 1


def test_who_was_silent_for_long_connects_anew(
    redis: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop.lib.caches import link

    # Its keeper, who would find the broken line first, looks when all is over.
    with processes(redis.url, patient=True, look_seconds=600) as [cache]:
        wait(cache.answers)
        cache.set("key", "value")
        monkeypatch.setattr(link, "_IDLE_SECONDS", -1.0)
        redis.say("CLIENT KILL TYPE normal SKIPME yes")
        assert cache.get("key") == "value"
        assert cache.link.breaker.openings == 0


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("redis://cache", {"host": "cache"}),
        ("redis://cache:7000/3", {"host": "cache", "port": 7000, "db": 3}),
        ("redis://:p%40s%2Fs@[::1]/", {"host": "::1", "password": "p@s/s"}),
        (
            "redis://shop:s@cache?db=2",
            {"host": "cache", "username": "shop", "password": "s", "db": 2},
        ),
        ("unix:///run/r.sock", {"path": "/run/r.sock"}),
        ("unix://:s@/run/r.sock?db=1", {"path": "/run/r.sock", "password": "s", "db": 1}),
        ("redis+socket:///run/r?db=4", {"path": "/run/r", "db": 4}),
    ],
)
def test_where_redis_is(url: str, options: dict[str, object]) -> None:
    assert Server(url).options == options


@pytest.mark.parametrize(
    ("end", "mode"),
    [("", ssl.CERT_REQUIRED), ("?ssl_cert_reqs=none", ssl.CERT_NONE)],
)
def test_over_tls_the_name_is_checked(end: str, mode: ssl.VerifyMode) -> None:
    options = Server(f"rediss://cache/1{end}").options
    context = options.pop("context")
    assert options == {"host": "cache", "db": 1, "name": "cache"}
    assert (context.verify_mode, context.check_hostname) == (mode, mode == ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    "url",
    [
        "cache:6379",
        "http://cache",
        "redis://",
        "redis://:secret",
        "redis://cache/first",
        "redis://cache:port/0",
        "redis://cache:99999/0",
        "redis://[cache/0",
        "redis://:secret/word@cache",
        "redis://:secret#word@cache",
        "redis://me/secret:word@cache",
        "redis://cache?db=secret",
        "redis://cache?retry=1",
        "redis://cache?socket_timeout=",
        "redis://cache?ssl_ca_certs=a",
        "rediss://cache?ssl_cert_reqs=secret",
        "unix://run/r.sock",
        "unix://",
    ],
)
def test_where_it_cannot_be(url: str) -> None:
    with pytest.raises(ValueError, match=r"^must be redis://user:password@host:6379/0,") as caught:
        Server(url)
    said = "".join(traceback.format_exception(caught.value)).partition("ValueError: ")[2]
    assert "secret" not in said
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("account", ["", "shop"])
def test_who_has_an_account_signs_in(account: str) -> None:
    with private_redis("--requirepass", "secret") as redis:
        redis.say("AUTH secret\r\nACL SETUSER shop on >secret ~* +@all")
        signed_in = redis.url.replace("unix://", f"unix://{account}:secret@").replace(
            "db=0", "db=3"
        )
        with processes(signed_in, patient=True) as [cache]:
            wait(cache.answers)
            cache.set("key", "value")
            assert cache.get("key") == "value"


def test_what_has_hung_up_does_not_connect_anew(redis: PrivateRedis) -> None:
    wire = Server(redis.url).connected(deadline=time.monotonic() + 5)
    wire.close()
    with pytest.raises(PROBLEMS):
        wire.send([("PING",)])
    assert not wire.is_connected


@pytest.fixture(scope="module")
def certificate() -> Iterator[Path]:
    """Sign for ourselves as localhost; skip where there is no openssl, and fail where CI is set."""
    account = Account()
    folder = Path(tempfile.mkdtemp(prefix="novashop-tls-", dir=account.shelf))
    account.own(folder)
    try:
        subprocess.run(SIGNING, cwd=folder, check=True, capture_output=True)
        # Whoever runs Redis has to read it.
        (folder / "key").chmod(0o644)
        yield folder
    except FileNotFoundError:
        missing("openssl")
    finally:
        shutil.rmtree(folder)


def missing(what: str) -> None:
    assert not os.environ.get("CI"), f"there is no {what}"
    pytest.skip(f"there is no {what}")


@pytest.fixture
def tls_port(redis: PrivateRedis, certificate: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    files = f"tls-cert-file {certificate / 'pem'} tls-key-file {certificate / 'key'}"
    said = redis.say(f"CONFIG SET {files} tls-auth-clients no tls-port {port}")
    if b"Unknown" in said or b"nsupported" in said:
        missing("Redis that was built with TLS")
    assert said == b"+OK\r\n"
    yield port
    redis.say("CONFIG SET tls-port 0")


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Collect who has looked up which host."""
    found: list[tuple[str, str]] = []
    look_up = socket.getaddrinfo

    def noting(host: str, *arguments: Any, **options: Any) -> Any:
        found.append((threading.current_thread().name, host))
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", noting)
    return found


def test_over_tls(tls_port: int, certificate: Path, looked_up: list[tuple[str, str]]) -> None:
    url = f"rediss://localhost:{tls_port}/0?ssl_ca_certs={certificate / 'pem'}"
    with processes(url, patient=True) as [cache]:
        wait(cache.answers)
        cache.set("key", "value")
        assert cache.get("key") == "value"
    # Whoever answers visitors has no time to wait for a name.
    assert set(looked_up) == {("cache-keeper", "localhost"), ("MainThread", "127.0.0.1")}


@pytest.mark.parametrize(("host", "options"), [("127.0.0.1", "ssl_ca_certs={}"), ("localhost", "")])
def test_over_tls_nobody_else_is_believed(
    tls_port: int, certificate: Path, host: str, options: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"rediss://{host}:{tls_port}?{options.format(certificate / 'pem')}"
    with processes(url, patient=True) as [cache]:
        assert not cache.answers()
        wait(lambda: bool(caplog.records))
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text


def test_databases_do_not_see_each_other(redis: PrivateRedis) -> None:
    other = redis.url.replace("db=0", "db=1")
    with (
        processes(redis.url, patient=True) as [one],
        processes(other, patient=True) as [two],
    ):
        wait(lambda: one.answers() and two.answers())
        one.set("key", "one")
        assert isinstance(two, OneProcess)
        assert (one.get("key"), two.get("key")) == ("one", None)
