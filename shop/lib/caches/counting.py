"""What is counted of the cache, in all processes together."""

from shop.lib import metrics

_READS = metrics.counter("novashop_cache_reads", "Keys looked up in the cache.", ["result"])
_HITS, _MISSES = _READS.labels("hit"), _READS.labels("miss")
ERRORS = metrics.counter("novashop_cache_errors", "Calls that the cache did not answer in time.")
DROPPED = metrics.counter(
    "novashop_cache_dropped_writes", "Writes that did not reach the cache; each one empties it."
)
SECONDS = metrics.histogram(
    "novashop_cache_seconds",
    "How long calls of the cache took that were answered.",
    # Slow is what takes more than 20 ms, and at 90 ms nobody waits any more (breaker.py, link.py).
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
)
AWAY = metrics.gauge("novashop_cache_away", "Processes that go on without their cache now.")


def reads(*, hits: int, misses: int) -> None:
    if hits:
        _HITS.inc(hits)
    if misses:
        _MISSES.inc(misses)
