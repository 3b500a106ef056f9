"""Write news down, tell the handlers, and do what is due."""

from shop.events.actions.delivering import deliver_due, forget_delivered
from shop.events.actions.emitting import emit, emit_all
from shop.events.actions.registering import every, on
from shop.events.actions.scheduling import run_due

__all__ = [
    "deliver_due",
    "emit",
    "emit_all",
    "every",
    "forget_delivered",
    "on",
    "run_due",
]
