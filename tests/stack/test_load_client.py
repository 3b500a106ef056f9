"""The client of the drills is as patient as browsers are, and no more."""

import asyncio

import pytest

from load.client import Answer, Client, at_rate

pytestmark = pytest.mark.once

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HALF = OK[:-1]
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n"


class Server:
    """Says what it is told to say, and counts."""

    def __init__(self, said: list[bytes | None]) -> None:
        self.said = said
        self.connections = 0
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.requests.append(head.split(b"\r\n")[0])
                answer = self.said.pop(0)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
                if answer == HALF:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


def _ask(*methods: str, said: list[bytes | None]) -> tuple[list[Answer], Server, int]:
    """Ask one after the other; return the answers, and how often something was asked again."""
    server = Server(said)

    async def run() -> tuple[list[Answer], int]:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            client = Client(f"http://127.0.0.1:{port}")
            answers = [await client.ask(method, "/") for method in methods]
            client.close()
            return answers, client.repeated

    answers, repeated = asyncio.run(run())
    return answers, server, repeated


@pytest.mark.parametrize("answer", [OK, CHUNKED])
def test_reading_goes_over_a_connection_that_is_kept(answer: bytes) -> None:
    answers, server, repeated = _ask("GET", "GET", said=[answer, answer])

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"ok")] * 2
    assert (server.connections, repeated) == (1, 0)


def test_reading_over_a_kept_connection_that_was_closed_is_asked_again() -> None:
    answers, server, repeated = _ask("GET", "GET", said=[OK, None, OK])

    assert [answer.status for answer in answers] == [200, 200]
    assert (server.connections, len(server.requests), repeated) == (2, 3, 1)


def test_reading_over_a_new_connection_is_asked_once() -> None:
    answers, server, repeated = _ask("GET", said=[None])

    assert answers[0].status == 0
    assert (len(server.requests), repeated) == (1, 0)


def test_writing_is_asked_once_over_a_connection_of_its_own() -> None:
    answers, server, repeated = _ask("GET", "POST", "POST", said=[OK, None, OK])

    assert [answer.status for answer in answers] == [200, 0, 200]
    assert (server.connections, len(server.requests), repeated) == (3, 3, 0)


def test_half_an_answer_is_none() -> None:
    answers, _, repeated = _ask("GET", "GET", said=[OK, HALF])

    assert [answer.status for answer in answers] == [200, 0]
    assert repeated == 0


def test_what_was_wrong_is_told() -> None:
    async def ask(number: int) -> str | None:
        return None if number % 2 else f"{number} was bad"

    tally = asyncio.run(at_rate(ask, rate=1_000, count=4))

    assert (tally.good, sorted(tally.bad)) == (2, ["0 was bad", "2 was bad"])
