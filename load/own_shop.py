"""A stack of its own for a load test: fresh, without limits, and with plenty to sell."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.stack.client import Broker, Database, NotOpenedError, Stack
from deploy.stack.client import opened as opened_stack
from load import catalogue, goods
from load.refusals import CannotRunError

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def opened(
    folder: Path,
    *,
    apps: int,
    database: Database,
    flash_units: int,
    broker: Broker = "rabbitmq",
) -> Iterator[Stack]:
    """Start a stack in the folder, with the demo and the goods in it, and end it afterwards.

    What was left there by the run before goes first. Raises CannotRunError.
    """
    sys.stdout.write(f"Opening a shop of its own in {folder} …\n")
    sys.stdout.flush()
    if folder.exists():
        _run("deploy.stack", "clean", environment={"DATA_DIR": str(folder)})
    try:
        with opened_stack(folder=folder, apps=apps, database=database, broker=broker) as stack:
            _bring_goods(stack, folder / "goods.csv", flash_units=flash_units)
            yield stack
    except NotOpenedError as error:
        raise CannotRunError(f"its own shop did not open:\n{error}") from error


def _bring_goods(stack: Stack, file: Path, *, flash_units: int) -> None:
    goods.write(file, flash_units=flash_units)
    _run("manage", "import_catalogue", str(file), environment=stack.environment)
    catalogue.wait_for_pictures(stack.url)


def _run(*command: str, environment: Mapping[str, str]) -> None:
    """Run a module of the repository. Raises CannotRunError with what it says when it fails."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise CannotRunError(f"{' '.join(command)} ended with {done.returncode}: {said}")
