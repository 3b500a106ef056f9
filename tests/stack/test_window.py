"""The window shows what every program writes, and keeps nobody from closing the stack."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import rotation
from deploy.stack.window import Window

pytestmark = pytest.mark.once

# A line comes at once, but for a machine that is busy.
SECONDS_TO_SHOW = 30


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    """A window that is open on the logs of two programs, one of which ran before."""
    (tmp_path / "nginx.log").write_text("of an earlier run\n")
    window = Window(tmp_path, ["nginx", "relay"])
    window.open()
    yield window
    window.close()


def add(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


class Screen:
    """What somebody sees in the window."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd, self._seen = capfd, ""

    @property
    def seen(self) -> str:
        self._seen += self._capfd.readouterr().out
        return self._seen

    def wait_for(self, line: str) -> None:
        deadline = time.monotonic() + SECONDS_TO_SHOW
        while f"| {line}\n" not in self.seen:
            assert time.monotonic() < deadline, self.seen
            time.sleep(0.05)


@pytest.fixture
def screen(capfd: pytest.CaptureFixture[str]) -> Screen:
    return Screen(capfd)


def test_each_line_has_the_name_of_its_program(
    window: Window, tmp_path: Path, screen: Screen
) -> None:
    add(tmp_path / "nginx.log", "one\ntwo\nhal")
    screen.wait_for("two")
    add(tmp_path / "relay.log", "The relay is running.\n")
    screen.wait_for("The relay is running.")
    add(tmp_path / "nginx.log", "f\n")
    window.say("NovaShop's stack is open.")
    window.close()

    assert screen.seen == (
        "nginx        | one\n"
        "nginx        | two\n"
        "relay        | The relay is running.\n"
        "nginx        | half\n"
        "NovaShop's stack is open.\n"
    )


def test_a_log_is_followed_when_it_begins_anew(
    window: Window,
    tmp_path: Path,
    screen: Screen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotation, "LARGEST", 20)
    log = tmp_path / "nginx.log"
    add(log, "before it was cut short\n")
    screen.wait_for("before it was cut short")
    rotation.rotate(tmp_path)
    add(log, "after\n")
    screen.wait_for("after")
    log.replace(tmp_path / "nginx.log.9")
    add(log, "in a new file\n")
    screen.wait_for("in a new file")
    window.close()

    assert screen.seen == (
        "nginx        | before it was cut short\n"
        "nginx        | after\n"
        "nginx        | in a new file\n"
    )


def test_three_old_logs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "LARGEST", 1)
    log = tmp_path / "nginx.log"
    with log.open("a") as program:
        for number in range(1, 6):
            program.write(f"{number}\n")
            program.flush()
            rotation.rotate(tmp_path)

    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {
        "nginx.log": "",
        "nginx.log.1": "5\n",
        "nginx.log.2": "4\n",
        "nginx.log.3": "3\n",
    }


@pytest.mark.parametrize("is_open", [True, False], ids=["nobody reads", "the reader is gone"])
def test_a_window_that_takes_nothing_can_be_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_open: bool
) -> None:
    reader, writer = os.pipe()
    if not is_open:
        os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr("sys.stdout", pipe)
        window = Window(tmp_path, ["nginx"])
        window.open()
        add(tmp_path / "nginx.log", "a line\n" * 20_000)
        began = time.monotonic()
        window.close()
        assert time.monotonic() - began < SECONDS_TO_SHOW
        if is_open:
            os.close(reader)
            time.sleep(0.5)
