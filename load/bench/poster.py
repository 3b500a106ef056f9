"""Our own load generator, for requests of which each is another one: orders, forms.

    python -m load.bench.poster 127.0.0.1:8080 shots --clients 64 --seconds 5

A closed loop: so many connections, each sending its next request as soon as it has the answer to
the one before. When the time is up nothing more is sent, and what is under way is waited for, so
that every request that was sent has its answer counted. The file `shots` has one request a line, a
JSON string of its bytes. By default each is sent once, and the run ends early where they run out;
with --again every client sends its own (one in `clients`) over and over. With --rate it is no
closed loop: requests have their times, as far as there are connections that do not wait; with
--insist who got a 503 comes again.

It runs in a process of its own, so that its share of the machine can be told.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

from load.bench.figures import percentile

# How long to wait for the answers that are under way when the time is up.
SECONDS_TO_END = 30
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
# How the API names what it refuses, and why.
_CODE = re.compile(rb'"code": ?"(\w+)"')
_WITHOUT_BODY = {204, 304}
_TURNED_AWAY = 503
_LAST_CHUNK = b"0\r\n\r\n"


@dataclass(slots=True)
class Log:
    """What came back: statuses, and when and after how long each good answer was there."""

    wanted: int
    deadline: float
    statuses: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    sent: int = 0
    # When the last of the requests was taken, where they ran out before the time was up.
    ran_out_at: float | None = None
    good: list[tuple[float, float]] = field(default_factory=list)
    turned_away: list[float] = field(default_factory=list)

    def note(self, status: int, body: bytes, *, sent_at: float) -> None:
        now = time.perf_counter()
        self.statuses[status] += 1
        if status == self.wanted:
            self.good.append((now, now - sent_at))
        elif status == _TURNED_AWAY:
            self.turned_away.append(now - sent_at)
        elif code := _CODE.search(body):
            self.codes[code[1].decode()] += 1


@dataclass(frozen=True, slots=True)
class Told:
    """What a run comes to, as it is handed over to whoever started it."""

    rate: float
    seconds: float
    sent: int
    good: int
    statuses: dict[int, int]
    # Of the answers that are problems of the API, how many are which.
    codes: dict[str, int]
    broken: int
    p50_ms: float
    p75_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    # How long a 503 took.
    turned_away_p95_ms: float
    # How many cores this process kept busy meanwhile.
    cores: float
    # Until the last answer was there, late ones too.
    took: float


class Magazine:
    """Requests, for one client or for all of them: sent once each, or (`again`) over and over.

    Who got a 503 is sent once more later, where they `insist`. With a `rate` a second requests have
    their times, and nobody sends earlier.
    """

    def __init__(
        self,
        shots: Sequence[bytes],
        *,
        again: bool = False,
        insist: bool = False,
        rate: float | None = None,
    ) -> None:
        self._shots = deque(shots)
        self._again = again
        self._insist = insist
        self._rate = rate
        self._began: float | None = None
        self._timed = 0

    def take(self) -> bytes | None:
        """Return the next request, None where there is none left."""
        if not self._shots:
            return None
        shot = self._shots.popleft()
        if self._again:
            self._shots.append(shot)
        return shot

    def turned_away(self, shot: bytes) -> None:
        """Hear that a request was answered with 503."""
        if self._insist and not self._again:
            self._shots.append(shot)

    def delay(self, now: float) -> float:
        """Return for how many seconds whoever sends next has to wait; its time is taken with it."""
        if self._rate is None:
            return 0.0
        self._began = now if self._began is None else self._began
        at = self._began + self._timed / self._rate
        self._timed += 1
        return max(at - now, 0.0)


class Client(asyncio.Protocol):
    """One connection, and the request it waits to be answered."""

    def __init__(self, magazine: Magazine, log: Log, done: asyncio.Future[None]) -> None:
        self._magazine = magazine
        self._log = log
        self._done = done
        self._buffer = b""
        self._sent_at = 0.0
        self._waits = False
        self._shot = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def fire(self) -> None:
        """Send the next request when it is time, or end where there is none or no time for it."""
        now = time.perf_counter()
        if delay := self._magazine.delay(now):
            end = self._log.deadline - now
            asyncio.get_running_loop().call_later(min(delay, max(end, 0.0)), self._fire)
        else:
            self._fire()

    def _fire(self) -> None:
        self._sent_at = time.perf_counter()
        shot = self._magazine.take() if self._sent_at < self._log.deadline else None
        if shot is None or self._transport is None:
            if self._sent_at < self._log.deadline and self._log.ran_out_at is None:
                self._log.ran_out_at = self._sent_at
            self._end()
            return
        self._log.sent += 1
        self._waits = True
        self._shot = shot
        self._transport.write(shot)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[: end + 2]
        status = int(head[9:12])
        body = self._buffer[end + 4 :]
        is_whole = _is_whole(status, head, body)
        if is_whole is None:
            self._break()
        elif is_whole:
            self._answered(status, body, closes=_CLOSES.search(head) is not None)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._waits:
            self._break()

    def _answered(self, status: int, body: bytes, *, closes: bool) -> None:
        self._waits = False
        self._buffer = b""
        self._log.note(status, body, sent_at=self._sent_at)
        if status == _TURNED_AWAY:
            self._magazine.turned_away(self._shot)
        if not closes:
            self.fire()
            return
        # The server has had enough of this connection, not of us.
        self._end()

    def _break(self) -> None:
        self._waits = False
        self._log.broken += 1
        self._end()

    def _end(self) -> None:
        if self._transport is not None:
            self._transport.close()
        if not self._done.done():
            self._done.set_result(None)


def _is_whole(status: int, head: bytes, body: bytes) -> bool | None:
    """Tell whether all of an answer is there, None where it does not say how long it is."""
    if status in _WITHOUT_BODY:
        return True
    if length := _LENGTH.search(head):
        return len(body) >= int(length[1])
    if _CHUNKED.search(head):
        # There is one answer at a time, so the last chunk is at the end of what has come.
        return body == _LAST_CHUNK or body.endswith(b"\r\n" + _LAST_CHUNK)
    return None


async def run(
    host: str,
    port: int,
    shots: Sequence[bytes],
    *,
    clients: int,
    seconds: float,
    want: int,
    again: bool,
    rate: float | None = None,
    insist: bool = False,
) -> Told:
    """Send the shots and say what came back. Raises OSError when nobody listens there."""
    log = Log(wanted=want, deadline=float("inf"))
    shared = Magazine(shots, insist=insist, rate=rate)
    magazines = [
        Magazine(shots[place::clients], again=True) if again else shared for place in range(clients)
    ]
    ready = [await _connected(host, port, magazine, log) for magazine in magazines]
    began, cpu = time.perf_counter(), time.process_time()
    log.deadline = began + seconds
    loops = [
        _keep_firing(client, done, host, port, magazine, log)
        for (client, done), magazine in zip(ready, magazines, strict=True)
    ]
    try:
        await asyncio.wait_for(asyncio.gather(*loops), timeout=seconds + SECONDS_TO_END)
    except TimeoutError:
        log.broken += log.sent - log.broken - sum(log.statuses.values())
    took = time.perf_counter() - began
    return _told(log, began=began, took=took, cores=(time.process_time() - cpu) / took)


async def _connected(
    host: str, port: int, magazine: Magazine, log: Log
) -> tuple[Client, asyncio.Future[None]]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    _, client = await loop.create_connection(lambda: Client(magazine, log, done), host, port)
    return client, done


async def _keep_firing(
    client: Client,
    done: asyncio.Future[None],
    host: str,
    port: int,
    magazine: Magazine,
    log: Log,
) -> None:
    """Let one client go on, on another connection where the server has closed the one it had."""
    client.fire()
    await done
    while time.perf_counter() < log.deadline and log.ran_out_at is None and not log.broken:
        client, done = await _connected(host, port, magazine, log)
        client.fire()
        await done


def _told(log: Log, *, began: float, took: float, cores: float) -> Told:
    # Good answers within the time, a second of it: what came later was only waited for.
    end = min(log.deadline, log.ran_out_at or log.deadline)
    in_time = sum(1 for at, _ in log.good if at <= end)
    latencies = sorted(latency for _, latency in log.good)
    away = sorted(log.turned_away)
    return Told(
        rate=in_time / (end - began),
        seconds=end - began,
        sent=log.sent,
        good=len(log.good),
        statuses=dict(log.statuses),
        codes=dict(log.codes),
        broken=log.broken,
        p50_ms=_milliseconds(latencies, 0.50),
        p75_ms=_milliseconds(latencies, 0.75),
        p90_ms=_milliseconds(latencies, 0.90),
        p95_ms=_milliseconds(latencies, 0.95),
        p99_ms=_milliseconds(latencies, 0.99),
        turned_away_p95_ms=_milliseconds(away, 0.95),
        cores=cores,
        took=took,
    )


def _milliseconds(sorted_seconds: Sequence[float], share: float) -> float:
    return percentile(sorted_seconds, share) * 1e3 if sorted_seconds else 0.0


def read_shots(file: Path) -> list[bytes]:
    """Return the requests that a file has, as they are sent."""
    return [json.loads(line).encode("latin-1") for line in file.read_text().splitlines()]


def write_shots(file: Path, shots: Sequence[bytes]) -> None:
    """Write a file of requests."""
    file.write_text("".join(f"{json.dumps(shot.decode('latin-1'))}\n" for shot in shots))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m load.bench.poster")
    parser.add_argument("address")
    parser.add_argument("shots", type=Path)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--want", type=int, default=201)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--rate", type=float, help="so many a second, and not as fast as can be")
    parser.add_argument("--insist", action="store_true", help="send what got a 503 once more")
    said = parser.parse_args(arguments)
    host, _, port = said.address.rpartition(":")
    shots = read_shots(said.shots)
    told = asyncio.run(
        run(
            host,
            int(port),
            shots,
            clients=min(said.clients, len(shots)),
            seconds=said.seconds,
            want=said.want,
            again=said.again,
            rate=said.rate,
            insist=said.insist,
        )
    )
    sys.stdout.write(json.dumps(asdict(told)) + "\n")


if __name__ == "__main__":
    main()
