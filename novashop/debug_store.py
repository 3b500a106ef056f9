"""Where Django Debug Toolbar remembers requests: in files, for every process of this machine.

In the memory of a process, where it lies by itself, `serve --workers 2` finds every second request,
and `runserver` none from before its last reload.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from debug_toolbar.settings import get_config
from debug_toolbar.store import BaseStore, deserialize, serialize
from django.conf import settings

_ID = re.compile(r"[0-9a-f]{32}")


class FolderStore(BaseStore):
    """A folder for each request, a file for each panel, and nobody else may read them."""

    @classmethod
    def request_ids(cls) -> list[str]:
        """Return the requests that are remembered, the oldest first."""
        found = []
        for folder in _root().iterdir():
            with suppress(FileNotFoundError):
                found.append((folder.stat().st_mtime_ns, folder.name))
        return [name for _, name in sorted(found)]

    @classmethod
    def exists(cls, request_id: str) -> bool:
        return _ID.fullmatch(request_id) is not None and _folder(request_id).is_dir()

    @classmethod
    def set(cls, request_id: str) -> None:
        """Remember a request, and forget the oldest where they are too many."""
        _folder(request_id).mkdir(exist_ok=True)
        for old in cls.request_ids()[: -get_config()["RESULTS_CACHE_SIZE"]]:
            cls.delete(old)

    @classmethod
    def clear(cls) -> None:
        for request_id in cls.request_ids():
            cls.delete(request_id)

    @classmethod
    def delete(cls, request_id: str) -> None:
        shutil.rmtree(_folder(request_id), ignore_errors=True)

    @classmethod
    def save_panel(cls, request_id: str, panel_id: str, data: Any = None) -> None:
        # Another process may have had so many requests meanwhile that this one is forgotten.
        with suppress(FileNotFoundError):
            (_folder(request_id) / panel_id).write_text(serialize(data), encoding="utf-8")

    @classmethod
    def panel(cls, request_id: str, panel_id: str) -> Any:
        """Return what a panel has kept; nothing where it has kept none."""
        try:
            return deserialize((_folder(request_id) / panel_id).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    @classmethod
    def panels(cls, request_id: str) -> Iterator[tuple[str, Any]]:
        """Yield each panel with what it has kept."""
        for file in _folder(request_id).iterdir():
            yield file.name, cls.panel(request_id, file.name)


def _folder(request_id: str) -> Path:
    """Return the folder of a request. Raises FileNotFoundError for what is no id of one."""
    if not _ID.fullmatch(request_id):
        raise FileNotFoundError(request_id)
    return _root() / request_id


def _root() -> Path:
    root = Path(settings.DATA_DIR) / "debug_toolbar"
    root.mkdir(mode=0o700, exist_ok=True)
    return root
