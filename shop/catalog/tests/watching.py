"""Doing something at the moment at which the code under test calls a function."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest


def at_each_call(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, do: Callable[[], object]
) -> None:
    """Do something before each call of a function that a module uses; then it is called."""
    original = getattr(module, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        do()
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, watched)
