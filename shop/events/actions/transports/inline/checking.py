"""There is nothing that could be away."""

from collections.abc import Mapping


def messages() -> Mapping[str, int] | None:
    """Return nothing: there are no messages."""
    return {}


def answers() -> bool | None:
    """Return None: events are carried by nobody."""
    return None
