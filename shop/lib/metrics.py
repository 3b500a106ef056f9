"""What this process counts, and what all processes of this machine have counted together.

With `settings.METRICS_DIR` every process keeps its numbers in files there, so that whichever is
asked answers for all. Without, there is one process, and it keeps them to itself.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    disable_created_metrics,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from shop.lib.processes import ProcessFacts, lane_of, name_of, note_of_self, read_notes
from shop.lib.slots import Slots

# What this process is there for: browse, order, relay.
LANE = lane_of(settings.PROCESS)
# From five milliseconds, which is a page in a hurry, to ten seconds, which nobody waits for.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_registry = CollectorRegistry(auto_describe=True)
disable_created_metrics()  # type: ignore[no-untyped-call]


def _shared(folder: str) -> Slots | None:
    """Keep what is counted in files of this folder; must come before anything is counted."""
    if not folder:
        return None
    try:
        slots = Slots(Path(folder), clear=_forget_gauges, note=_note)
    except OSError as error:
        raise ImproperlyConfigured(
            f"METRICS_DIR {folder} cannot be written to ({error}); "
            "make it writable, or leave it empty"
        ) from error
    # The library asks the environment for the folder, whenever it opens a file. Its own name for a
    # process would be the id, and then the folder would grow with every start.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    values.ValueClass = values.MultiProcessValue(slots.mine)  # type: ignore[no-untyped-call]
    return slots


def _forget_gauges(number: str) -> None:
    """Take away what a process that is gone had in hand; what it has counted stays counted."""
    for file in Path(settings.METRICS_DIR).glob(f"gauge_live*_{number}.db"):
        file.unlink(missing_ok=True)


def _note() -> str:
    return note_of_self(name_of(settings.PROCESS, arguments=sys.argv))


_slots = _shared(settings.METRICS_DIR)


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """Return a number that only rises; it is shown as `<name>_total`."""
    return Counter(name, meaning, labels, registry=_registry)


def histogram(
    name: str, meaning: str, labels: Sequence[str] = (), *, buckets: Sequence[float] = SECONDS
) -> Histogram:
    """Return a distribution, of seconds unless `buckets` say otherwise."""
    return Histogram(name, meaning, labels, registry=_registry, buckets=buckets)


def gauge(
    name: str,
    meaning: str,
    labels: Sequence[str] = (),
    *,
    over_processes: Literal["livesum", "livemax"] = "livesum",
) -> Gauge:
    """Return a number that rises and falls, added up (or its highest) over living processes."""
    return Gauge(name, meaning, labels, registry=_registry, multiprocess_mode=over_processes)


def counted() -> Iterable[Metric]:
    """Return everything that was counted, by all processes where they share a folder."""
    if _slots is None:
        return _registry.collect()
    _slots.clear_free()
    files = MultiProcessCollector(None, settings.METRICS_DIR)  # type: ignore[no-untyped-call]
    return list(files.collect())  # type: ignore[no-untyped-call]


def processes() -> dict[str, ProcessFacts]:
    """Return the processes that count now, by a number that each has to itself meanwhile."""
    return read_notes({"0": _note()} if _slots is None else _slots.notes())


REFUSALS = counter(
    "novashop_refusals", "Answers that said no, by the face that said it.", ["face", "code"]
)
