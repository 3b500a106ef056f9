"""Write news down, tell the handlers, and do what is due."""

from shop.events.actions.delivering import deliver_due, forget_delivered
from shop.events.actions.emitting import emit, emit_all, told_together
from shop.events.actions.registering import every, on
from shop.events.actions.replaying import replay
from shop.events.actions.scheduling import run_due
from shop.events.actions.waking import Rest

__all__ = [
    "Rest",
    "deliver_due",
    "emit",
    "emit_all",
    "every",
    "forget_delivered",
    "on",
    "replay",
    "run_due",
    "told_together",
]
