"""Write news down, tell the handlers, and do what is due."""

from shop.events.actions.delivering import (
    carrier_answers,
    dead_letters,
    deliver_due,
    forget_delivered,
    hang_up,
    hang_up_on_others,
    has_others,
    messages,
    others_answer,
    tell_others,
    worker,
)
from shop.events.actions.emitting import emit, emit_all, told_together
from shop.events.actions.hearing import hear
from shop.events.actions.registering import QUEUES, every, on
from shop.events.actions.replaying import replay
from shop.events.actions.scheduling import run_due
from shop.events.actions.waking import Rest

__all__ = [
    "QUEUES",
    "Rest",
    "carrier_answers",
    "dead_letters",
    "deliver_due",
    "emit",
    "emit_all",
    "every",
    "forget_delivered",
    "hang_up",
    "hang_up_on_others",
    "has_others",
    "hear",
    "messages",
    "on",
    "others_answer",
    "replay",
    "run_due",
    "tell_others",
    "told_together",
    "worker",
]
