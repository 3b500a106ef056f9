"""Where a Redis is, read from its URL: TCP, TLS or a Unix socket."""

import re
import ssl
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from redis.connection import SSLConnection, UnixDomainSocketConnection, parse_url

from shop.lib.caches.wire import TcpWire, TlsWire, UnixWire, Wire

_OPTIONS = {"db", "username", "password"}
_TLS_OPTIONS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs"}
_WANTED = (
    "must be redis://user:password@host:6379/0, rediss://… or unix:///path/of/the/socket?db=0, "
    "with no options but db, username, password and, for rediss, ssl_ca_certs, ssl_certfile, "
    "ssl_keyfile and ssl_cert_reqs=none; in a password, / # and ? are written %2F %23 and %3F"
)


class Server:
    """A Redis: how to reach it, and who to be there."""

    def __init__(self, url: str) -> None:
        """Raises ValueError, which never repeats the URL, and OSError where TLS lacks a file."""
        self.options = _options(url)
        kind = self.options.pop("connection_class", None)
        self._kind: type[Wire] = UnixWire if kind is UnixDomainSocketConnection else TcpWire
        if kind is SSLConnection:
            self._kind = TlsWire
            # Made once: it takes 20 ms.
            self.options |= {"context": _context(self.options), "name": self.options["host"]}

    def connected(self, *, deadline: float, address: str = "") -> Wire:
        """Return a new connection: to the address, or to where the name leads. Raises PROBLEMS.

        Looking a name up can take its time, whatever the deadline.
        """
        options = {**self.options, "host": address} if address else self.options
        return self._kind(deadline=deadline, **options)


def _options(url: str) -> dict[str, Any]:
    url = url.replace("redis+socket://", "unix://", 1)
    # redis-py's words for what is wrong may be half of a password.
    with suppress(ValueError):
        options: dict[str, Any] = parse_url(url)
        if _is_whole(url, options):
            return options
    raise ValueError(_WANTED)


def _is_whole(url: str, options: dict[str, Any]) -> bool:
    """Tell whether redis-py has understood all of it; it passes over what it does not know."""
    parts = urlsplit(url)
    known = _OPTIONS | _TLS_OPTIONS if parts.scheme == "rediss" else _OPTIONS
    if not parse_qs(parts.query, keep_blank_values=True).keys() <= known:
        return False
    if parts.scheme == "unix":
        return parts.path.startswith("/") and not parts.hostname
    is_database = re.fullmatch(r"/?[0-9]*", parts.path) is not None
    is_tls_known = options.get("ssl_cert_reqs", "none") in {"none", "required"}
    return "host" in options and is_database and is_tls_known


def _context(options: dict[str, Any]) -> ssl.SSLContext:
    """Take what concerns TLS out of the options."""
    tls = {name: options.pop(name) for name in _TLS_OPTIONS & options.keys()}
    context = ssl.create_default_context(cafile=tls.get("ssl_ca_certs"))
    if tls.get("ssl_cert_reqs") == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if "ssl_certfile" in tls:
        context.load_cert_chain(tls["ssl_certfile"], tls.get("ssl_keyfile"))
    return context
