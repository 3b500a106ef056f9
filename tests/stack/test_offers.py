"""MariaDB and RabbitMQ are offered where they lack, and never forced."""

import os
from pathlib import Path

import pytest

from deploy.servers import programs
from deploy.stack import __main__ as stack
from deploy.stack import offers
from deploy.stack.wish import Wish

pytestmark = pytest.mark.once

UP = ["up", "--database", "mysql", "--port", "1"]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an apt-get that writes down what it is asked, and without both."""
    apt = tmp_path / "bin" / "apt-get"
    apt.parent.mkdir()
    apt.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(apt.parent), prepend=os.pathsep)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    for name in ("YES", "BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(programs, "SYSTEM_PATH", "")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    # The port and the accounts are another test's.
    monkeypatch.setattr("shop.ops.preflight.check_address", lambda **_: "127.0.0.1")
    return tmp_path


def test_without_a_terminal_nobody_is_asked(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.main(UP) == 1

    assert capsys.readouterr().err == f"NovaShop's stack: {offers.ADVICE}\n"
    assert not (machine / "asked").exists()
    assert not (machine / "data").exists()


def test_who_agrees_beforehand_gets_it(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YES", "1")

    assert offers.install(offers.MARIADB)

    assert (machine / "asked").read_text().splitlines() == [
        "--quiet update",
        "install --yes --no-install-recommends mariadb-server-core mariadb-client",
    ]


@pytest.mark.parametrize(("answer", "agreed"), [("y", True), ("", False), ("no", False)])
def test_at_a_terminal_it_asks(
    machine: Path, monkeypatch: pytest.MonkeyPatch, answer: str, agreed: bool
) -> None:
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    questions: list[str] = []

    def answering(question: str) -> str:
        questions.append(question)
        return answer

    monkeypatch.setattr("builtins.input", answering)

    assert offers.install(offers.MARIADB) is agreed
    assert (machine / "asked").exists() is agreed
    assert questions == [
        "MariaDB is not installed. Install it now (apt-get install --yes "
        "--no-install-recommends mariadb-server-core mariadb-client)? [y/N] "
    ]


def test_an_ordinary_user_without_sudo_is_told(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YES", "1")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda name, **_: None if name == "sudo" else name)

    assert not offers.install(offers.MARIADB)
    assert not (machine / "asked").exists()


def without_starting(monkeypatch: pytest.MonkeyPatch) -> list[Wish]:
    """Let nothing be started, and return what would have been."""
    wishes: list[Wish] = []
    monkeypatch.setattr(stack, "up", lambda wish, **_: wishes.append(wish))
    return wishes


@pytest.mark.parametrize(
    ("options", "environment", "asked"),
    [
        ([], {"YES": "1"}, True),
        ([], {}, False),
        (["--broker", "none"], {"YES": "1"}, False),
        ([], {"YES": "1", "BROKER_URL": "amqp://elsewhere/"}, False),
    ],
)
def test_rabbitmq_is_offered_and_the_stack_goes_on_whatever_comes_of_it(
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    environment: dict[str, str],
    asked: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    wishes = without_starting(monkeypatch)

    assert stack.main(["up", "--port", "1", *options]) == 0

    assert len(wishes) == 1
    assert (machine / "asked").exists() is asked
    if asked:
        assert (machine / "asked").read_text().splitlines() == [
            "--quiet update",
            "install --yes --no-install-recommends rabbitmq-server",
        ]
