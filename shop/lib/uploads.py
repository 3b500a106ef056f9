"""How much anybody may send at once."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class LimitedUploads(FileUploadHandler):
    """Refuses a form larger than `UPLOAD_MAX_BYTES` before a byte of it is kept.

    Without it, files of any size would be written to the disk first and judged afterwards. Stands
    before the handlers that keep files, and keeps none.
    """

    def handle_raw_input(
        self, _input_data: Any, _meta: dict[str, str], content_length: int, *_more: Any
    ) -> None:
        """Raise RequestDataTooBig if the whole form is too large."""
        if content_length > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig(f"a form of {content_length} bytes is too large")

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> bytes:
        """Hand on what comes."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
