"""What callers of the cache have to expect."""


class CacheAwayError(Exception):
    """The cache does not answer, and there is no going on without its answer."""
