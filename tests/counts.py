"""What the shop has counted, for tests that look at how much more it is afterwards."""

from shop.lib import metrics


def count_of(name: str, **labels: str) -> float:
    """Return the number under a name and labels, zero where nothing was counted yet."""
    samples = (sample for metric in metrics.counted() for sample in metric.samples)
    found = [sample.value for sample in samples if (sample.name, sample.labels) == (name, labels)]
    return found[0] if found else 0.0
