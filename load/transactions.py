"""How long the transactions that place orders are open, as the shop's own metrics tell."""

import re
from collections.abc import Mapping

_BUCKET = re.compile(r'order_transaction_seconds_bucket\{le="([^"]+)"\} (\S+)')


def transactions_in(metrics: str) -> dict[float, float]:
    """Return how many transactions were open for up to so many seconds."""
    return {float(bound): float(count) for bound, count in _BUCKET.findall(metrics)}


def quantiles(before: Mapping[float, float], after: Mapping[float, float]) -> dict[str, float]:
    """Return the bounds below which half of the transactions, and 99 of 100, were open.

    Nothing where there were none from `before` to `after`.
    """
    counts = {bound: count - before.get(bound, 0.0) for bound, count in sorted(after.items())}
    total = max(counts.values(), default=0.0)
    if not total:
        return {}
    return {
        name: next(bound for bound, count in counts.items() if count >= share * total)
        for name, share in (("p50", 0.50), ("p99", 0.99))
    }
