"""Whether the broker is there."""

from shop.events.actions.transports.rabbitmq.sending import AWAY, connected


def answers() -> bool | None:
    """Tell whether the broker answers within a moment."""
    try:
        with connected():
            return True
    except AWAY:
        return False
