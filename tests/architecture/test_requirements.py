"""What `make` installs is what uv.lock says, and uv.lock is about today's pyproject.toml."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
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


# What each list has besides the packages and the drivers that the shop runs on.
LISTS = {"run": None, "image": "image", "stack": "stack", "load": "load", "test": "test"}


def _wanted(name: str) -> list[dict[str, Any]]:
    shop = {"name": "novashop", "extra": ["postgres", "mysql"]}
    group = LISTS[name]
    return [shop, *(_locked()["novashop"]["dev-dependencies"][group] if group else [])]


def _without_the_shop(pins: set[Pin]) -> set[Pin]:
    return {pin for pin in pins if pin[0] != "novashop"}


@pytest.mark.parametrize("name", LISTS)
def test_what_is_installed_is_what_is_locked(name: str) -> None:
    assert _exported(name) == _without_the_shop(_pins(_wanted(name)))


@pytest.mark.parametrize(("smaller", "larger"), list(pairwise(LISTS)))
def test_each_list_brings_all_of_the_one_before(smaller: str, larger: str) -> None:
    assert _exported(smaller) < _exported(larger)


@pytest.mark.parametrize("name", LISTS)
def test_every_pin_has_a_hash(name: str) -> None:
    assert [pin for pin, _, hashes in _exported(name) if not hashes] == []


def test_the_record_counts_them_right() -> None:
    """ADR 9 says how many packages each purpose takes."""
    record = (settings.BASE_DIR / "docs" / "adr" / "0009-tools-for-tests.md").read_text("utf-8")
    counts = [len(_exported(name)) for name in LISTS]

    assert (
        "{} to run, {} in the image, {} for the stack, {} for load, {} to test.".format(*counts)
        in record
    )


def _asked(lines: Iterable[str | dict[str, str]], groups: dict[str, Any]) -> Iterator[str]:
    """Yield the requirements of a group, and of the groups it includes."""
    for line in lines:
        if isinstance(line, str):
            yield line
        else:
            yield from _asked(groups[line["include-group"]], groups)


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


@pytest.mark.parametrize(
    "kind",
    ["dependencies", "postgres", "mysql", "eyes", "carriers", "image", "stack", "load", "test"],
)
def test_the_lock_is_about_todays_pyproject(kind: str) -> None:
    project = _read_toml("pyproject.toml")
    metadata = _locked()["novashop"]["metadata"]
    asked: dict[str, list[Any]] = {
        "dependencies": project["project"]["dependencies"],
        **project["project"]["optional-dependencies"],
        **project["dependency-groups"],
    }
    answered: list[dict[str, Any]] = metadata["requires-dev"].get(kind) or [
        entry
        for entry in metadata["requires-dist"]
        if entry.get("marker", "extra == 'dependencies'") == f"extra == '{kind}'"
    ]

    lines = _asked(asked[kind], asked)
    assert {_asked_for(line) for line in lines} == {_answered(entry) for entry in answered}
