"""A composed shop: Docker's command line, told about one project on one port."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# A build installs every package, and the first start fills the shop.
SECONDS = 1800
SECONDS_TO_OPEN = 300
# The first with conditions that other services may be without (`required: false`).
OLDEST_COMPOSE = (2, 20)


class CheckError(Exception):
    """The message is one sentence about what is not as it should be, or cannot be tried."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Container:
    """One container, as `docker inspect` describes it."""

    id: str
    facts: Mapping[str, Any]

    @property
    def service(self) -> str:
        return str(self.facts["Config"]["Labels"]["com.docker.compose.service"])

    @property
    def state(self) -> str:
        """`healthy`, `exited 0`, or what else Docker calls it."""
        state = self.facts["State"]
        if state["Status"] == "exited":
            return f"exited {state['ExitCode']}"
        return str(state.get("Health", {}).get("Status") or state["Status"])


@dataclass(frozen=True, slots=True)
class Composed:
    """One project of compose.yaml."""

    project: str
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def compose(self, *words: str) -> str:
        """Call `docker compose` for this project; return what it wrote, or raise CheckError."""
        return told(run(*self.command(*words), environment=self._settings()), *words)

    def try_compose(self, *words: str) -> Done:
        return run(*self.command(*words), environment=self._settings())

    def started(self, *words: str) -> "subprocess.Popen[str]":
        """Start `docker compose` and do not wait for it."""
        return subprocess.Popen(
            self.command(*words),
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def command(self, *words: str) -> list[str]:
        """Return how `docker compose` is called for this project."""
        # Without the file, a project that has a name is guessed from its containers.
        named = ["--file", str(ROOT / "compose.yaml"), "--project-name", self.project]
        return ["docker", "compose", "--progress", "plain", *named, *words]

    def environment(self) -> dict[str, str]:
        """Return ours, with what this project is set to."""
        return os.environ | self._settings()

    def _settings(self) -> dict[str, str]:
        return {"PORT": str(self.port), "TAG": "check", **self.settings}

    def containers(self, service: str = "") -> list[Container]:
        """Return all containers of the project, those that have ended too."""
        found = self.compose("ps", "--all", "--quiet", *([service] if service else [])).split()
        facts = json.loads(docker("inspect", *found)) if found else []
        return [Container(one["Id"], one) for one in facts]

    def wait_until_well(self, *, seconds: float = SECONDS_TO_OPEN) -> list[Container]:
        """Wait until every container is healthy, or has done what it is there for."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.containers()
            ill = [f"{one.service} is {one.state}" for one in found if not _is_well(one)]
            if found and not ill:
                return found
            if time.monotonic() > deadline:
                raise CheckError(f"after {seconds:.0f} seconds: {', '.join(ill)}")
            time.sleep(0.5)

    @contextlib.contextmanager
    def taken_away_afterwards(self) -> Iterator[None]:
        """Remove containers, networks and volumes of the project, whatever happens."""
        self.remove()
        try:
            yield
        finally:
            self.remove()

    def remove(self) -> None:
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20")


def settings_in(name: str) -> dict[str, str]:
    """Return what a file of deploy/docker says, as `.env` would have it."""
    text = (ROOT / "deploy" / "docker" / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def _is_well(container: Container) -> bool:
    is_once = container.service in {"migrate", "secrets"}
    return container.state == ("exited 0" if is_once else "healthy")


def run(*command: str, environment: Mapping[str, str] | None = None) -> Done:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def told(done: Done, *words: str) -> str:
    """Return what a command has written; raise CheckError where it has failed."""
    if done.status:
        lines = (done.err or done.out).strip().splitlines()[-30:]
        raise CheckError(f"`{' '.join(words)}` ended with {done.status}:\n" + "\n".join(lines))
    return done.out


def docker(*words: str) -> str:
    """Call `docker`; return what it wrote, or raise CheckError."""
    return told(run("docker", *words), "docker", *words)


def check_docker() -> str:
    """Return the versions of what is here; raise CheckError where the shop cannot be composed."""
    if shutil.which("docker") is None:
        raise CheckError("Docker is not installed: there is no program `docker` on the PATH")
    server = run("docker", "version", "--format", "{{.Server.Version}}")
    if server.status:
        raise CheckError(f"Docker's engine does not answer: {server.err.strip()}")
    compose = run("docker", "compose", "version", "--short")
    if compose.status:
        raise CheckError("Docker has no plugin `compose` here (Debian: docker-compose-plugin)")
    version = compose.out.strip().lstrip("v")
    if _numbers(version) < OLDEST_COMPOSE:
        raise CheckError(f"docker compose is {version}, and 2.20 is the oldest that will do")
    return f"Docker {server.out.strip()}, compose {version}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
