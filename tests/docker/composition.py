"""compose.yaml and the Dockerfile as they are written, for tests that need no Docker."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "compose.yaml"
DOCKERFILE = ROOT / "Dockerfile"
ENTRYPOINT = ROOT / "deploy" / "docker" / "16-novashop.envsh"


@cache
def composition() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return found


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = composition()["services"]
    return found


def ours() -> dict[str, dict[str, Any]]:
    """Return the services that run an image of ours."""
    return {name: one for name, one in services().items() if one["image"].startswith("novashop")}


def of_the_shop() -> dict[str, dict[str, Any]]:
    """Return those that read the shop's settings."""
    return {
        name: service for name, service in ours().items() if "STATIC" in _environment_of(service)
    }


def _environment_of(service: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = service.get("environment", {})
    return found


def settings_in_example() -> set[str]:
    """Return the name of every setting of the shop."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, flags=re.MULTILINE))


def instructions() -> list[str]:
    """Return the Dockerfile's instructions, each in one line, without comments."""
    text = DOCKERFILE.read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def stage(name: str) -> list[str]:
    """Return the instructions of one stage, without its FROM."""
    stages = " \n".join(instructions()).split("FROM ")[1:]
    (found,) = (one for one in stages if one.split("\n")[0].strip().endswith(f" AS {name}"))
    return [line.strip() for line in found.split("\n")[1:]]


def base_images() -> set[str]:
    """Return every image that is taken from elsewhere, as it is pinned."""
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", DOCKERFILE.read_text(), re.MULTILINE))
    named = re.findall(r"^FROM (\S+) AS (\S+)", DOCKERFILE.read_text(), flags=re.MULTILINE)
    # Some begin as another one of ours.
    taken = {image for image, _ in named} - {stage for _, stage in named}
    filled = {re.sub(r"\$\{(\w+)\}", lambda name: arguments[name[1]], image) for image in taken}
    pulled = {one["image"] for name, one in services().items() if name not in ours()}
    return filled | pulled
