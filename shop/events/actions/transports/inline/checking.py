"""There is nothing that could be away."""


def answers() -> bool | None:
    """Return None: events are carried by nobody."""
    return None
