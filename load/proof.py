"""Asks the shop's own audit, and holds what people were promised against the database."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 600
# For what was still on its way when the crowd left.
_SECONDS_TO_SETTLE = 2


@dataclass(frozen=True, slots=True)
class Proof:
    """Every promise that was not kept, and a sentence on what was looked at."""

    breaches: tuple[str, ...]
    sentence: str


def of(journal: Path, environment: Mapping[str, str] | None) -> Proof:
    """Look into the database that the environment names, if it names one."""
    if environment is None:
        return Proof(
            (),
            "The database is out of reach (neither DATABASE_URL nor DATA_DIR is set): oversell was "
            "looked for in the shop's answers only, and lost orders were not looked for.",
        )
    time.sleep(_SECONDS_TO_SETTLE)
    promises = _failures("promises", ["-m", "load.proving", str(journal)], environment)
    audit = _audit(environment)
    return Proof(
        (*promises, *audit),
        "The database was audited, and every acknowledged order looked up in it.",
    )


def _audit(environment: Mapping[str, str]) -> list[str]:
    """Return what the audit names twice: what changes while it reads may look wrong once."""
    first = _failures("audit", ["manage.py", "audit"], environment)
    if not first:
        return []
    time.sleep(_SECONDS_TO_SETTLE)
    second = _failures("audit", ["manage.py", "audit"], environment)
    return [line for line in second if line in first]


def _failures(name: str, command: list[str], environment: Mapping[str, str]) -> list[str]:
    """Return the lines that a command has to say when it fails, nothing when it succeeds."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, *command],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if not done.returncode:
        return []
    lines = done.stdout.splitlines() or done.stderr.strip().splitlines()[-1:]
    return [f"{name}: {line}" for line in lines] or [f"{name}: ended with {done.returncode}"]
