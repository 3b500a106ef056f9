"""One request to somebody else's server, and its answer, within limits that it cannot stretch.

A name is looked up once; what it led to is checked, and that very address is connected to. So
nobody can show us one address and have us call another. Redirects are answers like any other.
"""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

import h11

from shop.lib.outbound.addresses import Network, is_within, may_be_called
from shop.lib.outbound.destinations import Destination, InvalidUrlError, destination_of

# Of a name with many addresses so many are tried, one after the other.
_MOST_ADDRESSES = 4
_CHUNK = 8_192


class Reason(StrEnum):
    """Why there was no answer."""

    URL = "address cannot be called"
    NAME = "name unknown"
    ADDRESS = "address not allowed"
    CONNECTION = "no connection"
    CERTIFICATE = "certificate not trusted"
    TIME = "too slow"
    UNREADABLE = "answer unreadable"


class NoAnswerError(Exception):
    """There is no answer; `address` is the one that was connected to, or would have been."""

    def __init__(self, reason: Reason, detail: str = "", address: str = "") -> None:
        super().__init__(reason.value, detail)
        self.reason = reason
        self.detail = detail
        self.address = address


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, to connect and altogether, and how much of an answer is read."""

    connect_seconds: float = 5.0
    total_seconds: float = 15.0
    head_bytes: int = 16_384
    body_bytes: int = 16_384


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent by POST, and where to."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Answer:
    """What came back: the status, the headers that matter, and the beginning of the body."""

    status: int = 0
    retry_after: str = ""
    body: bytearray = field(default_factory=bytearray)
    address: str = ""
    is_cut: bool = False


async def post(
    letter: Letter, *, also: Collection[Network] = (), limits: Limits | None = None
) -> Answer:
    """Send it, and return the answer; what is said slowly or at length is cut after the status.

    Private addresses, and http instead of https, are for the networks in `also` alone. Raises
    NoAnswerError.
    """
    limits = limits or Limits()
    answer = Answer()
    try:
        async with asyncio.timeout(limits.total_seconds):
            await _exchange(letter, answer, also=also, limits=limits)
    except TimeoutError as error:
        if not answer.status:
            raise NoAnswerError(Reason.TIME, "", answer.address) from error
        answer.is_cut = True
    except NoAnswerError as error:
        error.address = error.address or answer.address
        raise
    return answer


async def _exchange(
    letter: Letter, answer: Answer, *, also: Collection[Network], limits: Limits
) -> None:
    try:
        destination = destination_of(letter.url)
    except InvalidUrlError as error:
        raise NoAnswerError(Reason.URL, str(error)) from error
    found = await _look_up(destination)
    allowed = _allowed(destination, found, also)
    reader, writer = await _connect(destination, allowed, answer, limits)
    try:
        talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.head_bytes)
        writer.write(_request(talk, destination, letter))
        await _read(talk, reader, answer, limits)
    finally:
        writer.transport.abort()


async def _look_up(destination: Destination) -> list[tuple[int, Any]]:
    """Return the addresses that the host has now, each with its family.

    Asked in a thread that nobody waits for: a name server can be silent for half a minute, and
    neither another host's lookup nor the end of this process has to wait for that.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def ask() -> None:
        found: Any
        try:
            found = socket.getaddrinfo(
                destination.host,
                destination.port,
                type=socket.SOCK_STREAM,
                proto=socket.IPPROTO_TCP,
            )
        except (OSError, UnicodeError) as error:
            found = error
        # Whoever has asked may be gone, and the loop with it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, answer, found)

    threading.Thread(target=ask, name="name-lookup", daemon=True).start()
    found = await answer
    if isinstance(found, Exception):
        raise NoAnswerError(Reason.NAME, destination.host) from found
    return [(family, place) for family, _, _, _, place in found]


def _settle(answer: "asyncio.Future[Any]", found: Any) -> None:
    if not answer.done():
        answer.set_result(found)


def _allowed(
    destination: Destination, found: list[tuple[int, Any]], also: Collection[Network]
) -> list[tuple[int, Any]]:
    """Return those that may be called. Raises NoAnswerError where none may."""

    def may(address: str) -> bool:
        if not destination.is_encrypted:
            return is_within(address, also)
        return may_be_called(address, also=also)

    allowed = [(family, place) for family, place in found if may(place[0])]
    if not allowed:
        addresses = sorted({str(place[0]) for _, place in found})
        raise NoAnswerError(Reason.ADDRESS, "", ", ".join(addresses[:_MOST_ADDRESSES]))
    return allowed[:_MOST_ADDRESSES]


async def _connect(
    destination: Destination, places: list[tuple[int, Any]], answer: Answer, limits: Limits
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first of these that lets us; the whole of it has its own time limit."""
    failure = NoAnswerError(Reason.CONNECTION)
    deadline = time.monotonic() + limits.connect_seconds
    for number, (family, place) in enumerate(places):
        answer.address = str(place[0])
        # Each gets its share of the time that is left, so that a silent one does not use it all.
        left = (deadline - time.monotonic()) / (len(places) - number)
        try:
            async with asyncio.timeout(left):
                return await _connect_to(destination, family, place)
        except TimeoutError:
            failure = NoAnswerError(Reason.TIME, "no connection in time", answer.address)
        except ssl.SSLError as error:
            said = getattr(error, "verify_message", "") or error.reason or ""
            raise NoAnswerError(Reason.CERTIFICATE, str(said), answer.address) from error
        except OSError as error:
            failure = NoAnswerError(Reason.CONNECTION, error.strerror or "", answer.address)
    raise failure


async def _connect_to(
    destination: Destination, family: int, place: Any
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    ours = socket.socket(family, socket.SOCK_STREAM)
    try:
        ours.setblocking(False)
        await asyncio.get_running_loop().sock_connect(ours, place)
        if not destination.is_encrypted:
            return await asyncio.open_connection(sock=ours)
        # The certificate has to be that of the name, however the address was found.
        return await asyncio.open_connection(
            sock=ours, ssl=_trust(), server_hostname=destination.host.rstrip(".")
        )
    except BaseException:
        ours.close()
        raise


@cache
def _trust() -> ssl.SSLContext:
    """Return what this machine trusts; reading all of its certificates takes a moment."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _request(talk: h11.Connection, destination: Destination, letter: Letter) -> bytes:
    headers = {
        "Host": destination.authority,
        "Connection": "close",
        "Content-Length": str(len(letter.body)),
        **letter.headers,
    }
    asked = h11.Request(method="POST", target=destination.target, headers=list(headers.items()))
    parts = (asked, h11.Data(data=letter.body), h11.EndOfMessage())
    return b"".join(talk.send(part) or b"" for part in parts)


async def _read(
    talk: h11.Connection, reader: asyncio.StreamReader, answer: Answer, limits: Limits
) -> None:
    """Read the answer until it ends, or until there is enough of it."""
    try:
        answer.is_cut = not await _is_read_to_its_end(talk, reader, answer, limits)
    except (h11.RemoteProtocolError, OSError) as error:
        if not answer.status:
            said = getattr(error, "strerror", None) or str(error)
            raise NoAnswerError(Reason.UNREADABLE, said) from error
        answer.is_cut = True
    del answer.body[limits.body_bytes :]
    if not answer.status:
        raise NoAnswerError(Reason.UNREADABLE, "it hung up, or said too much, without an answer")


async def _is_read_to_its_end(
    talk: h11.Connection, reader: asyncio.StreamReader, answer: Answer, limits: Limits
) -> bool:
    room = limits.head_bytes + limits.body_bytes
    while len(answer.body) <= limits.body_bytes:
        event = talk.next_event()
        if isinstance(event, h11.Response):
            answer.status = event.status_code
            answer.retry_after = _header(event, b"retry-after")
        elif isinstance(event, h11.Data):
            answer.body += event.data
        elif event is h11.NEED_DATA:
            if room < 0:
                return False
            said = await reader.read(_CHUNK)
            room -= len(said)
            talk.receive_data(said)
        elif not isinstance(event, h11.InformationalResponse):
            return True
    return False


def _header(response: h11.Response, name: bytes) -> str:
    return next(
        (value.decode("ascii", "replace") for key, value in response.headers if key == name), ""
    )
