"""A secret key that is made once, whoever comes first, and that only its owner can read."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from shop.lib.secret_key import SecretKeyUnavailableError, read_or_create_secret_key

pytestmark = pytest.mark.once

PROGRAM = """
import sys
from pathlib import Path
from shop.lib.secret_key import read_or_create_secret_key
sys.stdin.read()
print(read_or_create_secret_key(Path(sys.argv[1])))
"""


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run under a mask that a careless, an ordinary and a careful user has."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_a_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"

    key = read_or_create_secret_key(path)

    # Django asks for 50 characters, of which five differ.
    assert len(key) >= 50
    assert len(set(key)) >= 5
    assert read_or_create_secret_key(path) == key
    assert path.read_text() == key


def test_keys_of_two_shops_differ(tmp_path: Path) -> None:
    assert read_or_create_secret_key(tmp_path / "a") != read_or_create_secret_key(tmp_path / "b")


@pytest.mark.usefixtures("umask")
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"

    read_or_create_secret_key(path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_the_folder_is_made_and_nothing_else_is_left_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "shop"

    read_or_create_secret_key(folder / "secret_key")

    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_a_key_somebody_wrote_by_hand_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_text("my own key\n")

    assert read_or_create_secret_key(path) == "my own key"
    assert path.read_text() == "my own key\n"


def test_whoever_comes_second_reads_what_the_first_one_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked before either of them wrote."""
    monkeypatch.setattr(Path, "exists", lambda _path: False)
    path = tmp_path / "secret_key"

    assert read_or_create_secret_key(path) == read_or_create_secret_key(path)
    assert os.listdir(tmp_path) == ["secret_key"]  # noqa: PTH208  (Path.exists is not itself)


def test_if_the_file_were_replaced_the_two_would_disagree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same again with the guard off: it is the link that makes them agree."""
    monkeypatch.setattr(Path, "exists", lambda _path: False)
    monkeypatch.setattr(os, "link", lambda draft, path: path.write_text(draft.read_text()))
    path = tmp_path / "secret_key"

    assert read_or_create_secret_key(path) != read_or_create_secret_key(path)


def test_threads_that_race_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    start = Barrier(16)

    def read(_: int) -> str:
        start.wait()
        return read_or_create_secret_key(path)

    with ThreadPoolExecutor(16) as threads:
        keys = set(threads.map(read, range(16)))

    assert keys == {path.read_text()}


def test_processes_that_race_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    command = [sys.executable, "-c", PROGRAM, str(path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    # Each has imported what it needs, and waits for the end of its input to begin.
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    keys = {process.communicate(timeout=30)[0].strip() for process in processes}

    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert keys == {path.read_text()}


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(SecretKeyUnavailableError, match="directory"):
        read_or_create_secret_key(tmp_path)


def test_a_file_in_the_place_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")

    with pytest.raises(SecretKeyUnavailableError):
        read_or_create_secret_key(tmp_path / "var" / "secret_key")


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"], ids=repr)
def test_a_file_without_a_key_in_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret_key"
    path.write_bytes(content)

    with pytest.raises(SecretKeyUnavailableError):
        read_or_create_secret_key(path)

    assert path.read_bytes() == content


def test_a_disk_that_cannot_be_written_to_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: object) -> None:
        raise PermissionError("the disk knows no links")

    monkeypatch.setattr(os, "link", refuse)

    with pytest.raises(SecretKeyUnavailableError, match="knows no links"):
        read_or_create_secret_key(tmp_path / "secret_key")

    assert list(tmp_path.iterdir()) == []
