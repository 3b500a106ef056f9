"""GET requests by wrk: so many connections, each asking again as soon as it has its answer."""

import json
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from load.bench.figures import Figure, MeasurementError

# Prints the figures exactly, for us, where wrk itself rounds them for people.
REPORT = Path(__file__).with_name("report.lua")
_MARK = "report "
# What a list of everything may take on a slow machine with all clients waiting.
_SECONDS_FOR_AN_ANSWER = 10


def program() -> str | None:
    """Return where wrk is, None where it is not installed."""
    return shutil.which("wrk")


def measure(
    url: str,
    *,
    clients: int,
    seconds: int,
    least_bytes: int = 0,
    headers: Mapping[str, str] = MappingProxyType({}),
    paths: Path | None = None,
) -> Figure:
    """Ask for `url` for so long, with these headers. Every answer is at least `least_bytes` long.

    With a file of paths, a line each, these are asked for instead, one after the other.

    The latencies are those of wrk, which counts a long one also for the requests that its client
    would have sent meanwhile. Raises MeasurementError when one was missing, short or an error.
    """
    # As many threads as cores would leave none for whoever answers.
    threads = max(1, (os.cpu_count() or 2) // 2)
    command = [program() or "wrk", f"-t{threads}", f"-c{max(clients, threads)}", f"-d{seconds}s"]
    options = ["--timeout", f"{_SECONDS_FOR_AN_ANSWER}s", "--script", str(REPORT), url]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    options += ["--", str(paths)] if paths else []
    before, began = _cpu_of_children(), time.monotonic()
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)  # noqa: S603
    cores = (_cpu_of_children() - before) / (time.monotonic() - began)
    if done.returncode:
        raise MeasurementError(f"wrk: {(done.stderr or done.stdout).strip()}")
    return parse(done.stdout, least_bytes=least_bytes, generator_cores=cores)


def parse(output: str, *, least_bytes: int, generator_cores: float) -> Figure:
    """Read what wrk has written. Raises MeasurementError where it tells of an error."""
    lines = [line for line in output.splitlines() if line.startswith(_MARK)]
    if not lines:
        raise MeasurementError(f"wrk has written no report: {output.strip()[-300:]}")
    report = json.loads(lines[-1].removeprefix(_MARK))
    _check(report, least_bytes=least_bytes)
    return Figure(
        answers=report["requests"],
        rate=report["requests"] / report["seconds"],
        p50_ms=report["p50_ms"],
        p99_ms=report["p99_ms"],
        generator_cores=generator_cores,
    )


def _check(report: dict[str, float], *, least_bytes: int) -> None:
    kinds = ("status", "connect", "read", "write", "timeout")
    if wrong := {kind: report[kind] for kind in kinds if report[kind]}:
        said = ", ".join(f"{kind} {count}" for kind, count in wrong.items())
        raise MeasurementError(f"errors among {report['requests']} answers: {said}")
    if not report["requests"]:
        raise MeasurementError("nobody has answered")
    if report["bytes"] < report["requests"] * least_bytes:
        mean = report["bytes"] / report["requests"]
        raise MeasurementError(f"answers of {mean:,.0f} bytes instead of {least_bytes:,}")


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
