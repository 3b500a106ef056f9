"""Write news down, tell the handlers, and do what is due."""

from shop.events.actions.delivering import (
    carrier_answers,
    dead_letters,
    deliver_due,
    forget_delivered,
    lines,
)
from shop.events.actions.emitting import emit, emit_all, told_together
from shop.events.actions.hearing import hear
from shop.events.actions.registering import every, on
from shop.events.actions.replaying import replay
from shop.events.actions.scheduling import run_due
from shop.events.actions.waking import Rest

__all__ = [
    "Rest",
    "carrier_answers",
    "dead_letters",
    "deliver_due",
    "emit",
    "emit_all",
    "every",
    "forget_delivered",
    "hear",
    "lines",
    "on",
    "replay",
    "run_due",
    "told_together",
]
