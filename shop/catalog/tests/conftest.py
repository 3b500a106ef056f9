"""A folder for pictures that is gone after the test."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    """An empty MEDIA_ROOT."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"
