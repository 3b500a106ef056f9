"""Fields in which one row of many is looked up as one types, never chosen from a list of all."""

from typing import Any

from django.contrib.admin import site
from django.contrib.admin.widgets import AutocompleteSelect

# The longest id a database can hold has nineteen digits.
LONGEST_ID = 18


def is_id(text: Any) -> bool:
    """Tell whether something that was sent can be the number of a row."""
    said = str(text)
    return said.isascii() and said.isdigit() and len(said) <= LONGEST_ID


class LookUpSelect(AutocompleteSelect):
    """Draws the one row that is chosen; what was sent and is no id is drawn as nothing."""

    def __init__(self, field: Any) -> None:
        super().__init__(field, site)

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """Return the chosen row as the only option."""
        return super().optgroups(name, [item for item in value if is_id(item)], attr)
