"""Where the files of pictures lie."""

from pathlib import Path

from django.conf import settings


def path_of(name: str) -> Path:
    """Return where the file of that name lies."""
    return Path(settings.MEDIA_ROOT) / name
