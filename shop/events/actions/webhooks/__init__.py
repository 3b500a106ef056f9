"""Webhooks: who is told, what is sent to them, and what comes of it."""

from shop.events.actions.webhooks.managing import (
    add_webhook,
    change_webhook,
    disable_webhook,
    enable_webhook,
    remove_webhook,
    rotate_webhook_secret,
)
from shop.events.actions.webhooks.recording import forget_deliveries
from shop.events.actions.webhooks.sending import WebhookSender
from shop.events.actions.webhooks.telling import resend, send_test_event, tell_webhooks

__all__ = [
    "WebhookSender",
    "add_webhook",
    "change_webhook",
    "disable_webhook",
    "enable_webhook",
    "forget_deliveries",
    "remove_webhook",
    "resend",
    "rotate_webhook_secret",
    "send_test_event",
    "tell_webhooks",
]
