"""What events refuse: about webhooks, which people manage."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class UnknownWebhook(Refusal):
    """There is no such webhook."""

    code: ClassVar[str] = "unknown_webhook"
    webhook_id: int


@dataclass(eq=False)
class UnknownDelivery(Refusal):
    """There is no such delivery, or not any more."""

    code: ClassVar[str] = "unknown_delivery"
    delivery_id: int


@dataclass(eq=False)
class InvalidWebhookUrl(Refusal):
    """An address that the shop does not call."""

    code: ClassVar[str] = "invalid_webhook_url"
    problem: str


@dataclass(eq=False)
class UnknownEvents(Refusal):
    """No event was chosen, or one that the shop does not tell."""

    code: ClassVar[str] = "unknown_events"
    names: str


@dataclass(eq=False)
class TooManyWebhooks(Refusal):
    """A shop has as many webhooks as it can tell without any of them waiting for another."""

    code: ClassVar[str] = "too_many_webhooks"
    limit: int


@dataclass(eq=False)
class WebhookIsOff(Refusal):
    """Nothing is sent to a webhook that is not enabled."""

    code: ClassVar[str] = "webhook_is_off"
    url: str
