"""What the shop has counted, for tests that look at how much more it is afterwards."""

from collections.abc import Iterable

from prometheus_client import Metric

from shop.lib import metrics


def count_of(name: str, **labels: str) -> float:
    """Return the number under a name and labels, zero where nothing was counted yet."""
    return value_in(metrics.counted(), name, **labels)


def value_in(counted: Iterable[Metric], name: str, **labels: str) -> float:
    """Return the number under a name and labels in what was counted until some moment."""
    samples = (
        sample for metric in counted if name.startswith(metric.name) for sample in metric.samples
    )
    found = [sample.value for sample in samples if (sample.name, sample.labels) == (name, labels)]
    return found[0] if found else 0.0
