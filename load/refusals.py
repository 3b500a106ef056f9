"""Why a load test cannot be run at all."""


class CannotRunError(Exception):
    """The message says why in one sentence."""
