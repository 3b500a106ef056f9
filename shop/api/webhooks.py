"""Webhooks, and what was sent to them: for staff."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import lists
from shop.api.rendering import rendered
from shop.api.resources import Resource, read
from shop.api.schema import operation
from shop.api.texts import LineField
from shop.events import actions, queries
from shop.events.rules import EVERY_EVENT, LONGEST_DESCRIPTION, DeliveryState, WebhookState
from shop.lib.outbound import LONGEST_URL

TAG = "Webhooks"
_LOOKS, _ADDS = "events.view_webhook", "events.add_webhook"
_CHANGES, _REMOVES = "events.change_webhook", "events.delete_webhook"
_LOOKS_AT_LOG, _RESENDS = "events.view_delivery", "events.change_delivery"
_LONGEST_NAME = 80
_MOST_NAMES = 200


class WebhookBody(serializers.Serializer[Any]):
    """A program outside the shop that is told of events."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(
        child=serializers.CharField(),
        source="event_names",
        help_text="Names of events, or `*` for every event.",
    )
    state = serializers.ChoiceField(
        choices=[state.value for state in WebhookState],
        help_text="`Failing`: it accepted nothing for a day. `Gone`: it has answered 410.",
    )
    state_since = serializers.DateTimeField()
    failing_since = serializers.DateTimeField(
        allow_null=True, help_text="The first attempt that failed since the last good one."
    )
    former_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when what is sent is signed with the former secret too."
    )
    created_at = serializers.DateTimeField()


class NewWebhookBody(WebhookBody):
    """A new webhook with its secret, which is told this once."""

    secret = serializers.CharField()


class SecretBody(serializers.Serializer[Any]):
    """A new secret, which is told this once."""

    secret = serializers.CharField()
    former_secret_until = serializers.DateTimeField()


class WebhookForm(serializers.Serializer[Any]):
    """Where a program listens, and what it wants to hear."""

    url = LineField(
        max_length=LONGEST_URL, help_text="Begins with `https://` and can be reached from the net."
    )
    events = serializers.ListField(
        child=LineField(max_length=_LONGEST_NAME),
        min_length=1,
        max_length=_MOST_NAMES,
        help_text=f"Names of events, or `{EVERY_EVENT}` for every event.",
    )
    description = LineField(max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True)


class WebhookChangeForm(WebhookForm):
    """What of a webhook is to be another."""

    is_enabled = serializers.BooleanField(
        required=False, help_text="What waits for a disabled one is sent when it is enabled again."
    )


class DeliveryBody(serializers.Serializer[Any]):
    """One event on its way to one webhook."""

    id = serializers.IntegerField()
    message_id = serializers.CharField(help_text="Its `webhook-id`.")
    event = serializers.CharField(source="event_name")
    event_number = serializers.IntegerField(allow_null=True, help_text="Null: a test.")
    state = serializers.ChoiceField(choices=[state.value for state in DeliveryState])
    tries = serializers.IntegerField(help_text="Since it was made, or last asked for by hand.")
    next_try_at = serializers.DateTimeField(source="due_at", allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class AttemptBody(serializers.Serializer[Any]):
    """One request for a delivery, and what was answered."""

    at = serializers.DateTimeField()
    milliseconds = serializers.IntegerField()
    address = serializers.CharField(help_text="The IP address that was called.")
    status = serializers.IntegerField(allow_null=True, help_text="Null: there was no answer.")
    failure = serializers.CharField(help_text="Why there was no answer.")
    answer = serializers.CharField(help_text="How its body begins.")


class WholeDeliveryBody(DeliveryBody):
    """A delivery with what is sent, and every attempt."""

    body = serializers.CharField(help_text="What is sent, byte for byte.")
    attempts = AttemptBody(many=True)


class Webhooks(Resource):
    """All webhooks."""

    access = {"GET": _LOOKS, "POST": _ADDS}

    @operation(
        "webhooks_list",
        "List webhooks (staff)",
        tag=TAG,
        query=lists.PageQuery,
        answer=lists.page_of(WebhookBody),
        refuses=["invalid_cursor"],
    )
    def get(self, request: Request) -> Response:
        found = queries.webhooks(**lists.query(request))
        return lists.answer(request, found, found.items, WebhookBody)

    @operation(
        "webhooks_create",
        "Add a webhook (staff)",
        tag=TAG,
        request=WebhookForm,
        answer=NewWebhookBody,
        status=201,
        refuses=["invalid_webhook_url", "unknown_events", "too_many_webhooks"],
        description="Keep the secret: it is not told again.",
    )
    def post(self, request: Request) -> Response:
        form = read(WebhookForm, request.data)
        new = actions.add_webhook(
            url=form["url"],
            event_names=form["events"],
            description=form.get("description", ""),
        )
        row = queries.find_webhook(new.id)
        return Response({**rendered(WebhookBody, row), "secret": new.secret}, status=201)


class Webhook(Resource):
    """One webhook."""

    access = {"GET": _LOOKS, "PATCH": _CHANGES, "DELETE": _REMOVES}

    @operation(
        "webhooks_read",
        "Read a webhook (staff)",
        tag=TAG,
        answer=WebhookBody,
        refuses=["unknown_webhook"],
    )
    def get(self, request: Request, webhook_id: int) -> Response:
        return _webhook(webhook_id)

    @operation(
        "webhooks_change",
        "Change, enable or disable a webhook (staff)",
        tag=TAG,
        request=WebhookChangeForm,
        answer=WebhookBody,
        refuses=["unknown_webhook", "invalid_webhook_url", "unknown_events"],
    )
    def patch(self, request: Request, webhook_id: int) -> Response:
        form = dict(read(WebhookChangeForm, request.data, partial=True))
        is_enabled = form.pop("is_enabled", None)
        if "events" in form:
            form["event_names"] = form.pop("events")
        actions.change_webhook(webhook_id=webhook_id, changes=form)
        if is_enabled is not None:
            set_enabled = actions.enable_webhook if is_enabled else actions.disable_webhook
            set_enabled(webhook_id=webhook_id)
        return _webhook(webhook_id)

    @operation(
        "webhooks_remove",
        "Remove a webhook, and the log of its deliveries (staff)",
        tag=TAG,
        status=204,
        refuses=["unknown_webhook"],
    )
    def delete(self, request: Request, webhook_id: int) -> Response:
        actions.remove_webhook(webhook_id=webhook_id)
        return Response(status=204)


class RotateSecret(Resource):
    """A new secret for a webhook."""

    access = {"POST": _CHANGES}

    @operation(
        "webhooks_rotate_secret",
        "Make a new secret (staff)",
        tag=TAG,
        answer=SecretBody,
        refuses=["unknown_webhook"],
        description="For 24 hours what is sent is signed with the former one as well.",
    )
    def post(self, request: Request, webhook_id: int) -> Response:
        secret = actions.rotate_webhook_secret(webhook_id=webhook_id)
        until = queries.find_webhook(webhook_id).former_secret_until
        return Response(rendered(SecretBody, {"secret": secret, "former_secret_until": until}))


class Try(Resource):
    """Something to try a webhook out with."""

    access = {"POST": _CHANGES}

    @operation(
        "webhooks_test",
        "Send a test event (staff)",
        tag=TAG,
        answer=WholeDeliveryBody,
        status=201,
        refuses=["unknown_webhook", "webhook_is_off"],
        description="A `webhook.test`, whatever events the webhook has chosen.",
    )
    def post(self, request: Request, webhook_id: int) -> Response:
        delivery_id = actions.send_test_event(webhook_id=webhook_id)
        return _delivery(webhook_id, delivery_id, status=201)


class Deliveries(Resource):
    """What was sent to a webhook."""

    access = {"GET": _LOOKS_AT_LOG}

    @operation(
        "webhook_deliveries_list",
        "List what was sent to a webhook, the newest first (staff)",
        tag=TAG,
        query=lists.PageQuery,
        answer=lists.page_of(DeliveryBody),
        refuses=["unknown_webhook", "invalid_cursor"],
        description="Of the last 30 days.",
    )
    def get(self, request: Request, webhook_id: int) -> Response:
        found = queries.deliveries(webhook_id, **lists.query(request))
        return lists.answer(request, found, found.items, DeliveryBody)


class Delivery(Resource):
    """One delivery."""

    access = {"GET": _LOOKS_AT_LOG}

    @operation(
        "webhook_deliveries_read",
        "Read a delivery, with its body and all attempts (staff)",
        tag=TAG,
        answer=WholeDeliveryBody,
        refuses=["unknown_delivery"],
    )
    def get(self, request: Request, webhook_id: int, delivery_id: int) -> Response:
        return _delivery(webhook_id, delivery_id)


class Resend(Resource):
    """A delivery, once more."""

    access = {"POST": _RESENDS}

    @operation(
        "webhook_deliveries_resend",
        "Send a delivery once more (staff)",
        tag=TAG,
        answer=WholeDeliveryBody,
        refuses=["unknown_delivery", "webhook_is_off"],
        description="Under the same `webhook-id`, and for a day if it fails.",
    )
    def post(self, request: Request, webhook_id: int, delivery_id: int) -> Response:
        queries.find_delivery(webhook_id, delivery_id)
        actions.resend(delivery_ids=[delivery_id])
        return _delivery(webhook_id, delivery_id)


def _webhook(webhook_id: int) -> Response:
    return Response(rendered(WebhookBody, queries.find_webhook(webhook_id)))


def _delivery(webhook_id: int, delivery_id: int, *, status: int = 200) -> Response:
    row = queries.find_delivery(webhook_id, delivery_id)
    return Response(rendered(WholeDeliveryBody, row), status=status)
