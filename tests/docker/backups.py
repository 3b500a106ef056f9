"""Losing the database of a composed shop, and getting every order back, as the runbook has it."""

import subprocess
import tempfile
from pathlib import Path

from tests.docker.engine import ROOT, CheckError, Composed, docker
from tests.docker.smoke import orders_of_shopper
from tests.stack.visiting import Visitor

SECONDS = 600
AT_ONCE = "--replace", "--yes"
WORDS = "Everything agrees."


def lose_and_get_back(shop: Composed, *, database: str) -> str:
    """Back the open shop up, remove its database and its pictures, and put them back."""
    docker("build", "--target", "tools", "--tag", "novashop-tools:check", str(ROOT))
    before = orders_of_shopper(Visitor(shop.url))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "shop.tar")
        _back_up(shop, file)
        _lose(shop, database=database)
        said = _tools(shop, file, "restore", "/shop.tar", *AT_ONCE)
        size = file.stat().st_size
    shop.compose("up", "--detach")
    shop.wait_until_well()
    after = orders_of_shopper(Visitor(shop.url))
    if not before or after != before:
        raise CheckError(f"the shopper's orders were {sorted(before)} and are {sorted(after)}")
    if WORDS not in said:
        raise CheckError(f"the audit is not content after the restore: {said}")
    return f"{size / 1_000_000:.1f} MB; database and pictures lost, {len(after)} orders came back"


def _back_up(shop: Composed, file: Path) -> None:
    """Let the file have what the backup writes, and nothing else that Docker says."""
    with file.open("wb") as out:
        done = subprocess.run(
            shop.command("run", "--rm", "-T", "tools", "backup", "--to", "-"),
            cwd=ROOT,
            env=shop.environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    if done.returncode:
        raise CheckError(f"no backup: {done.stderr}")
    # Who reads it in the container has another number than who wrote it.
    file.chmod(0o644)
    _tools(shop, file, "restore", "--check", "/shop.tar")


def _lose(shop: Composed, *, database: str) -> None:
    """Remove the volumes, and open an empty shop in their place, as far as its database."""
    shop.compose("down")
    docker("volume", "rm", f"{shop.project}_{database}", f"{shop.project}_media")
    shop.compose("up", "--detach", "--wait", database, "redis")


def _tools(shop: Composed, file: Path, *words: str) -> str:
    return shop.compose("run", "--rm", "-T", "--volume", f"{file}:/shop.tar:ro", "tools", *words)
