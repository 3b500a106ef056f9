"""Why a stack does not start, or does not go on: sentences for whoever started it."""

from shop.ops.preflight import CannotStartError

__all__ = ["CannotStartError", "ClosedError"]


class ClosedError(Exception):
    """Somebody closed the stack while it was starting or running."""
