"""Our own load generator: what it sends, what it counts, and that it notices every error."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from load.bench import poster, shots
from load.bench.figures import MeasurementError
from load.bench.poster import Told

pytestmark = pytest.mark.once

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"
TURNED_AWAY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
SOLD_OUT = (
    b"HTTP/1.1 409 Conflict\r\nContent-Length: 45\r\n\r\n"
    b'{"title": "x", "code": "not_enough_stock"   }'
)
LAST = b"HTTP/1.1 201 Created\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
ENDLESS = b"HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\n\r\nok"


class Server:
    """Gives the answers it was told to, in turn, and remembers what was asked."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = answers
        self.asked: list[bytes] = []
        self.port = 0
        self._served: list[asyncio.Task[None]] = []

    @property
    def connections(self) -> int:
        return len(self._served)

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._served.append(asyncio.ensure_future(self._serve(reader, writer)))

    async def end(self) -> None:
        """Wait until everybody who came has gone."""
        await asyncio.gather(*self._served)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while answer := self._answer(await reader.readuntil(b"\r\n\r\n")):
                # In two pieces, as the network may bring it.
                writer.write(answer[:30])
                await writer.drain()
                await asyncio.sleep(0)
                writer.write(answer[30:])
                if answer is LAST:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _answer(self, request: bytes) -> bytes:
        self.asked.append(request)
        return self._answers[(len(self.asked) - 1) % len(self._answers)]


@contextmanager
def serving(*answers: bytes) -> Iterator[Server]:
    """Serve these answers, over and over; an empty one breaks the connection."""
    server, ready, loop = Server(answers), threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
            server.port = listening.sockets[0].getsockname()[1]
            ready.set()
            await done.wait()
            await server.end()

    done = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


def requests(count: int) -> list[bytes]:
    return [f"POST /{number} HTTP/1.1\r\nHost: shop\r\n\r\n".encode() for number in range(count)]


def fire(
    server: Server,
    shots: Sequence[bytes],
    *,
    clients: int = 4,
    seconds: float = 10,
    want: int = 201,
    again: bool = False,
    rate: float | None = None,
    insist: bool = False,
) -> Told:
    return asyncio.run(
        poster.run(
            "127.0.0.1",
            server.port,
            shots,
            clients=clients,
            seconds=seconds,
            want=want,
            again=again,
            rate=rate,
            insist=insist,
        )
    )


def test_each_request_is_sent_once_and_the_run_ends_when_they_run_out() -> None:
    with serving(CREATED) as server:
        told = fire(server, requests(100))

    assert sorted(server.asked) == sorted(requests(100))
    assert (told.sent, told.good, told.statuses, told.broken) == (100, 100, {201: 100}, 0)
    assert told.seconds < 10
    assert 0 < told.p50_ms <= told.p99_ms


def test_the_rate_is_that_of_the_time_it_took() -> None:
    with serving(CREATED) as server:
        told = fire(server, requests(500), clients=1)

    # All but the last answer were there when nothing was left to send.
    assert told.rate * told.seconds == pytest.approx(500, abs=1)


def test_when_the_time_is_up_every_request_that_was_sent_has_its_answer() -> None:
    with serving(CREATED) as server:
        told = fire(server, requests(4), seconds=0.2, again=True)

    assert told.sent == told.good == len(server.asked)
    assert told.seconds == pytest.approx(0.2)


def test_with_again_every_client_repeats_its_own_requests() -> None:
    with serving(CREATED) as server:
        fire(server, requests(4), clients=2, seconds=0.2, again=True)

    # The first client's are 0 and 2, the second's 1 and 3; each in turn.
    for mine in ({b"/0", b"/2"}, {b"/1", b"/3"}):
        paths = [path for path in (asked.split()[1] for asked in server.asked) if path in mine]
        assert len(paths) > 2
        assert all(one != other for one, other in pairwise(paths))


def test_with_a_rate_nobody_sends_before_its_time() -> None:
    with serving(CREATED) as server:
        told = fire(server, requests(11), rate=20)

    # The first goes at once, and the eleventh half a second later.
    assert told.good == 11
    assert told.took >= 0.5


def test_who_is_asked_to_come_again_does_until_it_is_taken() -> None:
    with serving(TURNED_AWAY, CREATED) as server:
        told = fire(server, requests(10), clients=1, insist=True)

    assert told.good == 10
    assert set(server.asked) == set(requests(10))
    assert told.statuses == {201: 10, 503: 10}
    assert told.turned_away_p95_ms > 0


def test_another_status_is_not_a_good_answer() -> None:
    with serving(CREATED, CREATED, CREATED, REFUSED) as server:
        told = fire(server, requests(100))

    assert (told.good, told.statuses) == (75, {201: 75, 409: 25})


def test_what_is_refused_is_counted_by_its_code() -> None:
    with serving(CREATED, SOLD_OUT) as server:
        told = fire(server, requests(100))

    assert (told.statuses, told.codes) == ({201: 50, 409: 50}, {"not_enough_stock": 50})


def test_a_connection_that_the_server_ends_is_opened_again() -> None:
    with serving(LAST) as server:
        told = fire(server, requests(50))

    assert (told.sent, told.good, told.broken) == (50, 50, 0)
    assert server.connections >= 50


@pytest.mark.parametrize(("answer", "status"), [(EMPTY, 204), (CHUNKED, 201)])
def test_an_answer_without_a_body_and_one_in_chunks_are_answers(answer: bytes, status: int) -> None:
    with serving(answer) as server:
        told = fire(server, requests(20), want=status)

    assert (told.good, told.broken) == (20, 0)


@pytest.mark.parametrize("answer", [b"", ENDLESS], ids=["none", "of no known length"])
def test_a_request_without_an_answer_is_counted_as_broken(answer: bytes) -> None:
    with serving(answer) as server:
        told = fire(server, requests(20), clients=1)

    assert (told.sent, told.good, told.broken) == (1, 0, 1)


def test_a_run_with_one_bad_answer_has_no_figure() -> None:
    told = {"sent": 10, "good": 9, "broken": 0, "statuses": {"201": 9, "409": 1}}

    with pytest.raises(MeasurementError, match="10 requests: 9 of 201, 1 of 409; 0 got none"):
        shots.figure(told)


def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    with serving(CREATED) as server:
        told = shots.fire(
            requests(30),
            host=f"127.0.0.1:{server.port}",
            file=tmp_path / "shots",
            clients=3,
            seconds=10,
            want=201,
        )

    assert (told["sent"], told["good"]) == (30, 30)
    assert shots.figure(told).rate == told["rate"] > 0


def test_where_nobody_listens_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match="load generator failed: ConnectionRefusedError"):
        shots.fire(
            requests(1),
            host="127.0.0.1:1",
            file=tmp_path / "shots",
            clients=1,
            seconds=1,
            want=201,
        )


def test_an_order_is_a_request_with_a_token_a_key_of_its_own_and_a_cart() -> None:
    first, second = (shots.order("shop:8080", token="abc", cart="12-34") for _ in range(2))

    head, _, body = first.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[:3] == [
        "POST /api/orders/ HTTP/1.1",
        "Host: shop:8080",
        "Authorization: Bearer abc",
    ]
    assert f"Content-Length: {len(body)}" in lines
    assert json.loads(body)["cart"] == "12-34"
    assert key_of(first) != key_of(second)


def key_of(request: bytes) -> str:
    (line,) = (line for line in request.decode().split("\r\n") if line.startswith("Idempotency"))
    return line


def test_requests_survive_their_file(tmp_path: Path) -> None:
    file = tmp_path / "shots"
    wanted = [b"POST / HTTP/1.1\r\n\r\n\x00\xff{}", b"GET / HTTP/1.1\r\n\r\n"]

    poster.write_shots(file, wanted)

    assert poster.read_shots(file) == wanted
