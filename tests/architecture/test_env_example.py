""".env.example names every variable that the settings read, with its true default."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

EXAMPLE = settings.BASE_DIR / ".env.example"
SETTINGS = settings.BASE_DIR / "novashop" / "settings.py"

PRINT_SETTINGS = """
import json
from django.utils.functional import Promise
from novashop import settings

def plain(value):
    # What is looked up or called later is the same in every environment.
    later = isinstance(value, Promise) or callable(value)
    return type(value).__name__ if later else str(value)

values = {name: value for name, value in vars(settings).items() if name.isupper()}
print(json.dumps(values, default=plain))
"""


def _read_by_settings() -> list[str]:
    """Return the first argument of every `env.…(…)` in the settings."""
    calls = (node for node in ast.walk(ast.parse(SETTINGS.read_text())) if _is_reader(node))
    return [str(ast.literal_eval(call.args[0])) for call in calls if isinstance(call, ast.Call)]


def _is_reader(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
    )


def _settings(data: Path, environment: dict[str, str]) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PRINT_SETTINGS],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **environment, "DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    values: dict[str, object] = json.loads(done.stdout)
    return values


def test_every_variable_is_in_the_example() -> None:
    in_example = re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(), flags=re.MULTILINE)

    assert sorted(in_example) == sorted(_read_by_settings())


def test_the_settings_read_nothing_but_the_environment_by_name() -> None:
    source = SETTINGS.read_text()

    assert "os.environ" not in source
    assert "getenv" not in source


def test_the_example_gives_what_an_empty_environment_gives(tmp_path: Path) -> None:
    found = re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(), flags=re.MULTILINE)
    # As a shell reads them.
    lines = [(name, "".join(shlex.split(value))) for name, value in found]

    assert _settings(tmp_path, dict(lines)) == _settings(tmp_path, {})
    assert ("DATA_DIR", "var") in lines
