"""What a developer sees more of: Django Debug Toolbar and a log of everything."""

from pathlib import Path
from typing import Any


def add_debug_toolbar(*, installed_apps: list[str], middleware: list[str]) -> None:
    """Switch Django Debug Toolbar on, as near to the outside as it works (after WhiteNoise)."""
    installed_apps.append("debug_toolbar")
    middleware.insert(3, "debug_toolbar.middleware.DebugToolbarMiddleware")


def add_debug_log(*, logging: dict[str, Any], file: Path) -> None:
    """Send every record, queries among them, to `file` as well."""
    logging["handlers"]["debug_file"] = {
        "class": "logging.FileHandler",
        "filename": str(file),
        "formatter": "line",
        "level": "DEBUG",
        "delay": True,
        "encoding": "utf-8",
    }
    logging["root"]["handlers"].append("debug_file")
    logging["root"]["level"] = "DEBUG"
    logging["handlers"]["console"]["level"] = "INFO"
    logging["loggers"]["django"]["level"] = "DEBUG"
    logging["loggers"]["django.server"]["handlers"].append("debug_file")
    # Its watcher alone writes hundreds of lines about files it looks at.
    logging["loggers"]["django.utils.autoreload"] = {"level": "INFO"}
