"""What an address that somebody has typed in says of where to go."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlsplit

LONGEST_URL = 500
_PORTS = {"https": 443, "http": 80}
# Below it live mail, remote shells and the like: nothing that takes a request of HTTP.
_FIRST_FREE_PORT = 1024
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


class Problem(StrEnum):
    """Why an address cannot be called."""

    TOO_LONG = "too long"
    MALFORMED = "no address"
    SCHEME = "not https"
    CREDENTIALS = "with a name or password in it"
    PORT = "at a port that is not for the web"


class InvalidUrlError(ValueError):
    """An address that nobody can call; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes: `target` is the path with the query."""

    host: str
    port: int
    target: str
    is_encrypted: bool

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address and no name."""
        return _is_address(self.host)

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS["https" if self.is_encrypted else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def destination_of(url: str) -> Destination:
    """Return where an address leads. Raises InvalidUrlError."""
    if len(url) > LONGEST_URL:
        raise InvalidUrlError(Problem.TOO_LONG)
    if _UNSAFE.search(url):
        raise InvalidUrlError(Problem.MALFORMED)
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError as error:
        raise InvalidUrlError(Problem.MALFORMED) from error
    if parts.scheme not in _PORTS:
        raise InvalidUrlError(Problem.SCHEME)
    if "@" in parts.netloc:
        raise InvalidUrlError(Problem.CREDENTIALS)
    if not (_HOST.fullmatch(host) or _is_address(host)):
        raise InvalidUrlError(Problem.MALFORMED)
    if port is None:
        port = _PORTS[parts.scheme]
    if port not in _PORTS.values() and port < _FIRST_FREE_PORT:
        raise InvalidUrlError(Problem.PORT)
    return Destination(host, port, _target(parts), is_encrypted=parts.scheme == "https")


def _ascii(host: str) -> str:
    """Return a host as names are looked up: `xn--…` for what is not ASCII. Raises ValueError."""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _target(parts: SplitResult) -> str:
    """Return the path and the query in ASCII; what comes after `#` is for browsers."""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=-._~")
    return f"{path}?{query}" if query else path


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
