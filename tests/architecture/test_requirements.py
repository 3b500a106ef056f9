"""What `make` installs is what uv.lock says, and uv.lock is about today's pyproject.toml."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.once

# A package as it is pinned: its name, its version, and what its files must hash to.
Pin = tuple[str, str, frozenset[str]]


def _read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((settings.BASE_DIR / name).read_text(encoding="utf-8"))


@cache
def _locked() -> dict[str, dict[str, Any]]:
    packages = {package["name"]: package for package in _read_toml("uv.lock")["package"]}
    assert len(packages) == len(_read_toml("uv.lock")["package"]), "a package in two versions"
    return packages


def _exported(name: str) -> set[Pin]:
    text = (settings.BASE_DIR / "deploy" / "requirements" / f"{name}.txt").read_text("utf-8")
    entries = re.findall(r"^(\S+)==(\S+)((?:.*\\\n)*.*)", text, flags=re.MULTILINE)
    return {
        (package, version, frozenset(re.findall(r"--hash=(\S+)", rest)))
        for package, version, rest in entries
    }


def _pins(wanted: Iterable[dict[str, Any]]) -> set[Pin]:
    """Return the wanted packages and everything they need, on any machine."""
    names = {name for name, _ in _closure(wanted)}
    return {(name, _locked()[name]["version"], frozenset(_hashes(name))) for name in names}


def _closure(wanted: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return (package, extra) for all that is needed; the package itself has the extra ''."""
    found: set[tuple[str, str]] = set()
    waiting = list(wanted)
    while waiting:
        dependency = waiting.pop()
        package = _locked()[dependency["name"]]
        for extra in ["", *dependency.get("extra", [])]:
            if (package["name"], extra) not in found:
                found.add((package["name"], extra))
                waiting += _needs(package, extra)
    return found


def _needs(package: dict[str, Any], extra: str) -> list[dict[str, Any]]:
    if not extra:
        return list(package.get("dependencies", []))
    return list(package["optional-dependencies"][extra])


def _hashes(name: str) -> Iterator[str]:
    package = _locked()[name]
    if "sdist" in package:
        yield package["sdist"]["hash"]
    for wheel in package.get("wheels", []):
        yield wheel["hash"]


def _wanted_to_run() -> list[dict[str, Any]]:
    return [{"name": "novashop", "extra": ["postgres", "mysql"]}]


def _without_the_shop(pins: set[Pin]) -> set[Pin]:
    return {pin for pin in pins if pin[0] != "novashop"}


def test_run_installs_what_is_locked() -> None:
    assert _exported("run") == _without_the_shop(_pins(_wanted_to_run()))


def test_test_installs_what_is_locked() -> None:
    group = _locked()["novashop"]["dev-dependencies"]["test"]

    assert _exported("test") == _without_the_shop(_pins([*_wanted_to_run(), *group]))


def test_whoever_tests_can_also_run() -> None:
    assert _exported("run") < _exported("test")


def test_every_pin_has_a_hash() -> None:
    assert [name for name, _, hashes in _exported("test") if not hashes] == []


def _asked_for(line: str) -> tuple[str, frozenset[str], str]:
    requirement = Requirement(line)
    return (
        canonicalize_name(requirement.name),
        frozenset(requirement.extras),
        str(requirement.specifier),
    )


def _answered(entry: dict[str, Any]) -> tuple[str, frozenset[str], str]:
    specifier = str(Requirement(f"x{entry.get('specifier', '')}").specifier)
    return entry["name"], frozenset(entry.get("extras", [])), specifier


@pytest.mark.parametrize("kind", ["dependencies", "postgres", "mysql", "test"])
def test_the_lock_is_about_todays_pyproject(kind: str) -> None:
    project = _read_toml("pyproject.toml")
    metadata = _locked()["novashop"]["metadata"]
    asked: dict[str, list[str]] = {
        "dependencies": project["project"]["dependencies"],
        **project["project"]["optional-dependencies"],
        **project["dependency-groups"],
    }
    answered: list[dict[str, Any]] = metadata["requires-dev"].get(kind) or [
        entry
        for entry in metadata["requires-dist"]
        if entry.get("marker", "extra == 'dependencies'") == f"extra == '{kind}'"
    ]

    assert {_asked_for(line) for line in asked[kind]} == {_answered(entry) for entry in answered}
