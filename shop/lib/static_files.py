"""Static files whose names tell what is in them, so that they may be kept for ever."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Files with a hash in the name and a compressed copy beside each.

    Files of others sometimes name files that they do not bring: source maps, pictures of themes
    nobody uses. Such a name stays as it is; it was a dead link before.
    """

    # A template that names a file which was not collected shows its plain name: half a page is
    # better than none.
    manifest_strict = False

    def hashed_name(self, name: str, *args: Any, **options: Any) -> str:
        """Return the name with a hash, or as it is where there is no such file."""
        try:
            return str(super().hashed_name(name, *args, **options))
        except ValueError:
            return name

    def create_compressor(self, **options: Any) -> Compressor:
        """Leave out Brotli, where Python has it: nginx has not, and it takes so long."""
        return Compressor(use_brotli=False, **options)
