"""How processes are found again by their notes, and that none is taken for another."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shop.lib import processes
from shop.lib.processes import lane_of, name_of, note_of_self, read_note, read_notes

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("process", "lane"),
    [
        ("browse-1", "browse"),
        ("browse-12", "browse"),
        ("order", "order"),
        ("relay2", "relay"),
        ("eu-1-browse-3", "eu-1-browse"),
        ("", "shop"),
        ("7", "shop"),
    ],
)
def test_a_lane_is_all_that_differ_in_a_number(process: str, lane: str) -> None:
    assert lane_of(process) == lane


@pytest.mark.parametrize(
    ("process", "arguments", "name"),
    [
        ("browse-1", ["manage.py", "serve"], "browse-1"),
        ("", ["/srv/shop/manage.py", "audit", "--help"], "audit"),
        ("", ["manage.py"], "shop"),
        ("", ["/usr/bin/gunicorn", "novashop.wsgi"], "shop"),
        ("", [], "shop"),
    ],
)
def test_a_process_without_a_name_is_called_after_its_command(
    process: str, arguments: list[str], name: str
) -> None:
    assert name_of(process, arguments=arguments) == name


def test_a_note_tells_how_its_process_is() -> None:
    facts = read_note(note_of_self("browse-1, the first"))

    assert facts is not None
    assert facts.name == "browse-1, the first"
    assert 10_000_000 < facts.resident_bytes < 4_000_000_000
    assert 0 < facts.cpu_seconds < time.clock_gettime(time.CLOCK_BOOTTIME)
    # The tests have begun before now, and not yesterday.
    assert time.time() - 86_400 < facts.started_at < time.time()


def test_it_tells_the_same_start_whenever_it_is_written() -> None:
    # It is the difference of two clocks, and a machine that has more to do reads them apart.
    assert any(_difference_of_starts(apart=0.05) < 0.02 for _ in range(20))


def _difference_of_starts(*, apart: float) -> float:
    starts = [note.started_at for text in _notes_apart(apart) if (note := read_note(text))]
    return abs(starts[0] - starts[1])


def _notes_apart(seconds: float) -> list[str]:
    first = note_of_self("shop")
    time.sleep(seconds)
    return [first, note_of_self("shop")]


def test_a_process_that_has_ended_is_gone() -> None:
    code = "from shop.lib.processes import note_of_self; print(note_of_self('shop'))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_root()
    )
    note = done.stdout.strip()

    assert len(note.split()) == 5
    assert read_note(note) is None


def _root() -> Path:
    return Path(__file__).resolve().parents[3]


def test_another_process_of_the_same_number_is_not_taken_for_it() -> None:
    pid, started, *rest = note_of_self("shop").split(" ")

    assert read_note(" ".join([pid, started, *rest])) is not None
    assert read_note(" ".join([pid, str(int(started) - 1), *rest])) is None


def test_a_number_means_nothing_in_another_container() -> None:
    pid, started, _, *rest = note_of_self("shop").split(" ")

    assert read_note(" ".join([pid, started, "pid:[1]", *rest])) is None


@pytest.mark.parametrize("note", ["", "12", "12 34 -", "a b c d"])
def test_half_a_note_says_nothing(note: str) -> None:
    assert read_note(note) is None


def test_those_that_are_gone_are_left_out() -> None:
    found = read_notes({"0": note_of_self("browse-1"), "1": "", "2": note_of_self("relay")})

    assert {number: facts.name for number, facts in found.items()} == {
        "0": "browse-1",
        "2": "relay",
    }


def test_where_there_is_no_linux_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = note_of_self("shop")
    monkeypatch.setattr(processes, "_PROC", tmp_path)

    assert note_of_self("shop") == ""
    assert read_note(note) is None
    assert str(os.getpid()) in note
