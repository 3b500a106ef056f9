"""A form that says it is too large is refused before it is read."""

from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

pytestmark = pytest.mark.once


def form(*, size: int = 5000, claims: int | None = None) -> Any:
    """Return a request with a file in a form, which may claim to be of another length."""
    file = SimpleUploadedFile("flag.png", b"x" * size)
    request = RequestFactory().post("/", {"alt": "A flag", "file": file})
    if claims is not None:
        request.META["CONTENT_LENGTH"] = str(claims)
    return request


def test_a_form_of_a_sensible_size_is_read(settings: Any) -> None:
    request = form()

    assert request.POST["alt"] == "A flag"
    assert request.FILES["file"].name == "flag.png"
    assert request.FILES["file"].read() == b"x" * 5000
    assert settings.UPLOAD_MAX_BYTES == 32_000_000


def test_a_large_file_is_kept_on_the_disk() -> None:
    file = form(size=3_000_000).FILES["file"]

    assert file.size == 3_000_000
    assert file.temporary_file_path()
    file.close()


def test_a_form_that_is_too_large_is_refused_and_not_read() -> None:
    request = form(claims=32_000_001)
    unread = BytesIO(b"anything")
    request._stream = unread

    with pytest.raises(RequestDataTooBig):
        _ = request.FILES

    assert unread.tell() == 0


def test_the_largest_form_is_still_read() -> None:
    request = form(claims=32_000_000)

    assert request.POST["alt"] == "A flag"
    request.close()


def test_a_large_body_that_is_no_form_stays_refused(settings: Any) -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 1_048_576
    request = RequestFactory().post("/", b"{}" * 600_000, content_type="application/json")

    with pytest.raises(RequestDataTooBig):
        _ = request.body
