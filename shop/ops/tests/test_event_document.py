"""docs/events.md says what the code does: whoever changes one changes the other."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from shop.ops.event_document import MARK

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_the_document_is_up_to_date(settings: Any, tmp_path: Path) -> None:
    document = settings.BASE_DIR / "docs" / "events.md"
    text = document.read_text("utf-8")
    (tmp_path / "docs").mkdir()
    copy = tmp_path / "docs" / "events.md"
    copy.write_text(f"# Written by people\n{MARK}\nold", "utf-8")
    settings.BASE_DIR = tmp_path

    call_command("events", "document", stdout=io.StringIO())

    written = copy.read_text("utf-8")
    assert written.startswith(f"# Written by people\n{MARK}\n\n## ")
    assert "| `order_id` | number |" in written
    # Where this fails: manage.py events document
    assert text.partition(MARK)[2] == written.partition(MARK)[2]
