"""App servers that come and go while nginx runs: found by their name, and no request is lost."""

import time
from collections.abc import Iterator

import pytest

from tests.docker.names import Names, answering, resolving_nginx
from tests.stack.front import Asked, Front, fail, opened

pytestmark = pytest.mark.once

NAME = "browse.test"
HERE, GONE = "127.0.0.1", "127.0.0.3"
SECONDS_OF_DYING = 2.5
# nginx asks for the name every second.
SECONDS_TO_BE_FOUND = 5


@pytest.fixture
def names() -> Iterator[Names]:
    with answering() as found:
        found.addresses[NAME] = [HERE]
        yield found


@pytest.fixture
def front() -> Iterator[Front]:
    with opened(resolving_nginx()) as found:
        yield found


class Renamed:
    """The configuration of an nginx that finds the first app server by a name."""

    def __init__(self, names: Names, *, guarded: bool = True) -> None:
        self._resolver = f"resolver 127.0.0.1:{names.port} valid=1s ipv6=off;\n"
        self._guarded = guarded

    def __call__(self, text: str) -> str:
        text = text.replace("http {", "http {\n    " + self._resolver, 1)
        if self._guarded:
            return text
        assert 'if ($novashop_once_more = "")' in text
        return text.replace('if ($novashop_once_more = "")', "if ($request_method)")


def _site(front: Front) -> dict[str, list[str]]:
    address = f"{NAME}:{front.pages[0].address.rpartition(':')[2]} resolve"
    return {"browse": [address], "order": [address]}


def _wait_until_found(front: Front) -> None:
    deadline = time.monotonic() + SECONDS_TO_BE_FOUND
    while front.ask("/").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.long
def test_a_server_is_found_by_its_name_when_it_comes_and_when_it_goes(
    front: Front, names: Names
) -> None:
    names.addresses[NAME] = []
    with front.started(change=Renamed(names), **_site(front)):
        assert front.ask("/").status == 502
        names.addresses[NAME] = [HERE]
        _wait_until_found(front)
        names.addresses[NAME] = []
        deadline = time.monotonic() + SECONDS_TO_BE_FOUND
        while front.ask("/").status != 502:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.parametrize(
    ("method", "path", "guarded", "status"),
    [
        ("GET", "/products/", True, 200),
        ("GET", "/products/", False, 502),
        # What has reached somebody, and may have been done, is not done again.
        ("POST", "/cart/add/7/", True, 502),
    ],
)
def test_what_was_asked_of_one_that_dies_is_asked_again(
    front: Front, names: Names, *, method: str, path: str, guarded: bool, status: int
) -> None:
    app = front.pages[0]
    plainly = app.answering

    def die(asked: Asked) -> None:
        """Be somewhere else, and close the connection without a word a moment later."""
        app.answering = plainly
        names.addresses[NAME] = [HERE, GONE]
        time.sleep(SECONDS_OF_DYING)
        fail(asked)

    with front.started(change=Renamed(names, guarded=guarded), **_site(front)):
        _wait_until_found(front)
        before = len(app.asked)
        app.answering = die
        body = b"x" if method == "POST" else b""
        assert front.ask(path, method=method, body=body).status == status
        assert len(app.asked) - before == (2 if status == 200 else 1)
