"""Write news down, tell the handlers and webhooks, and do what is due."""

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
    queues_apart,
    tell_others,
    worker,
)
from shop.events.actions.emitting import emit, emit_all, told_together
from shop.events.actions.hearing import hear
from shop.events.actions.registering import every, on
from shop.events.actions.replaying import replay
from shop.events.actions.scheduling import run_due
from shop.events.actions.waking import Rest
from shop.events.actions.webhooks import (
    WebhookSender,
    add_webhook,
    change_webhook,
    disable_webhook,
    enable_webhook,
    forget_deliveries,
    remove_webhook,
    resend,
    rotate_webhook_secret,
    send_test_event,
    tell_webhooks,
)
from shop.events.rules import QUEUES

__all__ = [
    "QUEUES",
    "Rest",
    "WebhookSender",
    "add_webhook",
    "carrier_answers",
    "change_webhook",
    "dead_letters",
    "deliver_due",
    "disable_webhook",
    "emit",
    "emit_all",
    "enable_webhook",
    "every",
    "forget_delivered",
    "forget_deliveries",
    "hang_up",
    "hang_up_on_others",
    "has_others",
    "hear",
    "messages",
    "on",
    "others_answer",
    "queues_apart",
    "remove_webhook",
    "replay",
    "resend",
    "rotate_webhook_secret",
    "run_due",
    "send_test_event",
    "tell_others",
    "tell_webhooks",
    "told_together",
    "worker",
]
