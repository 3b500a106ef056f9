"""Settings of the back office's look."""

from typing import Any

UNFOLD: dict[str, Any] = {"SITE_TITLE": "NovaShop", "SITE_HEADER": "NovaShop"}
