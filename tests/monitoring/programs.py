"""Prometheus and its promtool, where they are installed: real ones, run for a test alone."""

import contextlib
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from deploy.stack.plan import free_ports

SECONDS_TO_START = 60


def program(name: str) -> str:
    """Return where it is. Who lacks it skips by name, and with CI set fails."""
    found = shutil.which(name)
    if found is None:
        sentence = f"{name} is not installed (Debian's package prometheus has it)"
        if os.environ.get("CI"):
            pytest.fail(f"{sentence}, and with CI set nothing is skipped")
        pytest.skip(sentence)
    return found


def promtool(*words: str | Path, given: IO[str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run promtool; what it says of each file is in both outputs."""
    return subprocess.run(
        [program("promtool"), *map(str, words)],
        stdin=given,
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def prometheus(folder: Path, configuration: str) -> Iterator[str]:
    """Run a Prometheus with its data in the folder, and yield where it answers."""
    found, (port,) = program("prometheus"), free_ports(1)
    file = folder / "prometheus.yml"
    file.write_text(configuration, encoding="utf-8")
    command = [
        *(found, f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"),
    ]
    log = folder / "prometheus.log"
    with log.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=SECONDS_TO_START)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with (
            contextlib.suppress(OSError, urllib.error.HTTPError),
            urllib.request.urlopen(f"{url}/-/ready", timeout=5),  # noqa: S310
        ):
            return
        time.sleep(0.05)
    raise AssertionError(f"Prometheus did not start:\n{log.read_text(errors='replace')}")
