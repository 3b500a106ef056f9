"""Processes that count together: nothing is lost or counted for another, and nothing piles up."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from shop.lib.slots import Slots

pytestmark = pytest.mark.once

# A process that does what it is told, line by line, and answers with what all have counted.
COUNTING = """
import json, os, sys
import django
django.setup()
from shop.lib import metrics
done = metrics.counter("test_done", "Done.", ["what"])
busy = metrics.gauge("test_busy", "Busy.")
times = metrics.histogram("test_times", "Times.", buckets=[1.0])

def total():
    samples = [s for m in metrics.counted() for s in m.samples if s.name.startswith("test_")]
    return {"".join([s.name, *s.labels.values()]): s.value for s in samples}

for line in sys.stdin:
    word = line.strip()
    if word == "work":
        done.labels("work").inc()
        times.observe(0.5)
    elif word == "begin":
        busy.inc()
    elif word == "fork" and os.fork() == 0:
        done.labels("work").inc()
        os._exit(0)
    elif word == "fork":
        os.wait()
    print(json.dumps(total()), flush=True)
"""


class Counting:
    """A process that counts."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def __call__(self, word: str) -> dict[str, float]:
        """Do this; return all that everybody has counted."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        told: dict[str, float] = json.loads(self.process.stdout.readline())
        return told

    def die(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@contextmanager
def counting(folder: Path, tmp_path: Path) -> Iterator[Counting]:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "novashop.settings",
        "METRICS_DIR": str(folder),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTING],
        env=environment,
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Counting(process)
    finally:
        process.kill()
        process.communicate(timeout=10)


def test_whoever_is_asked_answers_for_all(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    with counting(folder, tmp_path) as one, counting(folder, tmp_path) as other:
        one("work")
        one("begin")
        other("begin")

        told = other("work")

        assert told == one("look")
        assert told["test_done_totalwork"] == 2
        assert told["test_times_sum"] == 1.0
        assert told["test_times_count"] == 2
        assert told["test_busy"] == 2


def test_what_the_killed_have_counted_stays_and_what_they_had_in_hand_goes(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    with counting(folder, tmp_path) as left:
        left("work")
        with counting(folder, tmp_path) as killed:
            killed("work")
            assert killed("begin")["test_busy"] == 1
            killed.die()

            told = left("look")

        assert (told["test_done_totalwork"], told["test_busy"]) == (2, 0)


@pytest.mark.long
def test_processes_that_come_and_go_leave_no_more_than_a_few_files(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    sizes = []
    for count in range(1, 5):
        with counting(folder, tmp_path) as next_one:
            next_one("begin")
            told = next_one("work")
            next_one.die()
        assert (told["test_done_totalwork"], told["test_busy"]) == (count, 1)
        sizes.append(sorted((path.name, path.stat().st_size) for path in folder.iterdir()))

    assert sizes[0] == sizes[-1]


def test_a_fork_counts_beside_its_parent(tmp_path: Path) -> None:
    """An app server forks its workers after it has been loaded, and again for one that has died."""
    folder = tmp_path / "metrics"
    with counting(folder, tmp_path) as parent:
        parent("work")
        for count in range(2, 6):
            assert parent("fork")["test_done_totalwork"] == count

        assert len(list(folder.glob("counter_*.db"))) == 2


def test_a_number_is_taken_over_when_its_process_is_gone_and_not_before(tmp_path: Path) -> None:
    cleared: list[str] = []

    def numbers() -> Slots:
        return Slots(tmp_path, clear=cleared.append)

    first, second = numbers(), numbers()
    assert (first.mine(), second.mine(), first.mine()) == ("0", "1", "0")
    assert cleared == ["0", "1"]

    second.clear_free()
    assert cleared == ["0", "1"]
    assert numbers().mine() == "2"


def test_everybody_reads_what_the_living_have_noted(tmp_path: Path) -> None:
    def noting(note: str) -> Slots:
        return Slots(tmp_path, clear=lambda _: None, note=lambda: note)

    first, second = noting("the first, and a long one"), noting("the second")
    assert (first.mine(), second.mine()) == ("0", "1")
    assert first.notes() == second.notes() == {"0": "the first, and a long one", "1": "the second"}

    assert first._lock is not None
    os.close(first._lock)
    # Nobody holds the number any more; the next one writes over the note.
    assert second.notes() == {"1": "the second"}
    third = noting("short")
    assert third.mine() == "0"
    assert second.notes() == {"0": "short", "1": "the second"}


def test_a_folder_that_cannot_be_is_refused_in_a_sentence(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path / "data"),
            "DJANGO_SETTINGS_MODULE": "novashop.settings",
            "METRICS_DIR": str(taken / "below"),
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    last: Any = done.stderr.strip().split("\n")[-1]
    assert f"METRICS_DIR {taken / 'below'} cannot be written to" in last
