"""Webhooks: programs outside that are told of events, and the log of what was sent to them."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from shop.backoffice.base import ReadOnlyAdmin, ShopAdmin, ShopForm
from shop.backoffice.bulk import bulk
from shop.backoffice.buttons import Button, OnceForm, Press
from shop.backoffice.look_up import is_id
from shop.backoffice.wording import moment, tag
from shop.events import actions as events
from shop.events import queries
from shop.events.models import Delivery, DeliveryAttempt, Webhook
from shop.events.rules import EVERY_EVENT, DeliveryState, Outcome, WebhookState, outcome_of
from shop.lib.outbound import LONGEST_URL

_CHANGE = "events.change_webhook"
_RESEND = "events.change_delivery"
# How many deliveries the page of a webhook shows; the rest is in their own list.
_NEWEST = 10
_SHADES = {
    WebhookState.ENABLED.value: "completed",
    WebhookState.OFF.value: "off",
    WebhookState.FAILING.value: "canceled",
    WebhookState.GONE.value: "canceled",
    DeliveryState.WAITING.value: "pending",
    DeliveryState.DELIVERED.value: "completed",
    DeliveryState.GIVEN_UP.value: "canceled",
}


def _tag(state: str) -> str:
    return tag(state, _SHADES.get(state, ""))


def _choices() -> list[tuple[str, str]]:
    told = [(each.kind.name, f"{each.kind.name}: {each.kind.says}") for each in queries.told()]
    return [(EVERY_EVENT, "Every event, those of later releases too"), *told]


class WebhookForm(ShopForm):
    """Where a program listens, and what it wants to hear."""

    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "placeholder": "https://"}),
        help_text="Begins with https:// and can be reached from the net.",
    )
    event_names = forms.MultipleChoiceField(
        label="Events", choices=_choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Webhook
        fields = ("url", "description", "event_names")


def _keep_secret(request: HttpRequest, webhook_id: int, secret: str) -> None:
    """Let the next page show a secret; it is shown once, and is in no address and no message."""
    request.session[_session_key(webhook_id)] = secret


def _session_key(webhook_id: int) -> str:
    return f"webhook_secret:{webhook_id}"


def _rotate(press: Press) -> str:
    secret = events.rotate_webhook_secret(webhook_id=press.row.pk)
    _keep_secret(press.request, press.row.pk, secret)
    return "There is a new secret. For 24 hours the former one counts as well."


def _send_test(press: Press) -> str:
    events.send_test_event(webhook_id=press.row.pk)
    return "A test is on its way; load the page again to see what was answered."


def _enable(press: Press) -> str:
    events.enable_webhook(webhook_id=press.row.pk)
    return "The webhook is enabled, and what waited for it is on its way."


def _disable(press: Press) -> str:
    events.disable_webhook(webhook_id=press.row.pk)
    return "The webhook is disabled."


def _remove(press: Press) -> str:
    events.remove_webhook(webhook_id=press.row.pk)
    return f"The webhook {press.row.url} has been removed."


def _is_enabled(_: HttpRequest, row: Webhook) -> bool:
    return row.state == WebhookState.ENABLED.value


def _is_disabled(_: HttpRequest, row: Webhook) -> bool:
    return row.state != WebhookState.ENABLED.value


@admin.register(Webhook)
class WebhookAdmin(ShopAdmin):
    """Webhooks, all on one page."""

    form = WebhookForm
    list_display = ("address", "description", "wanted", "shown_state")
    list_display_links = ("address",)
    list_filter = ("state",)
    ordering = ("id",)
    sortable_by = ()
    fieldsets = ((None, {"fields": ("url", "description", "event_names")}),)
    change_form_outer_before_template = "backoffice/parts/webhook_top.html"
    change_form_outer_after_template = "backoffice/parts/webhook.html"
    buttons = (
        Button(
            name="send-test",
            label="Send a test",
            icon="send",
            right=_CHANGE,
            act=_send_test,
            works=_is_enabled,
            already="The webhook is disabled; please enable it first.",
        ),
        Button(
            name="rotate-secret",
            label="New secret",
            icon="key",
            right=_CHANGE,
            act=_rotate,
            form=OnceForm,
            question="The new secret is shown once. For 24 hours what is sent is signed with the"
            " former one as well; until then the receiver has to know the new one.",
        ),
        Button(
            name="enable",
            label="Enable",
            icon="play_arrow",
            right=_CHANGE,
            act=_enable,
            works=_is_disabled,
            already="The webhook was enabled already.",
        ),
        Button(
            name="disable",
            label="Disable",
            icon="pause",
            right=_CHANGE,
            act=_disable,
            works=_is_enabled,
            question="It is told nothing of what happens meanwhile. What waits for it stays, and is"
            " sent when it is enabled again.",
            already="The webhook was disabled already.",
        ),
        Button(
            name="remove",
            label="Remove",
            icon="delete",
            right="events.delete_webhook",
            act=_remove,
            question="Its secret and the log of its deliveries go with it.",
            is_danger=True,
            leads_to_list=True,
        ),
    )

    def is_saved_by_actions(self, object_id: str | None) -> bool:  # noqa: ARG002
        """The verbs look at addresses, and make secrets."""
        return True

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Add or change a webhook; a new one has its secret shown."""
        facts = {name: form.cleaned_data[name] for name in ("url", "description", "event_names")}
        if change:
            changed = {name: facts[name] for name in form.changed_data}
            events.change_webhook(webhook_id=obj.pk, changes=changed)
            return
        new = events.add_webhook(**facts)
        obj.pk = new.id
        _keep_secret(request, new.id, new.secret)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Lead to the page of the new webhook, where its secret is."""
        super().response_add(request, obj, post_url_continue)
        return redirect("admin:events_webhook_change", obj.pk)

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """Return how it goes, what was sent last and, once, its secret."""
        row = self.get_object(request, object_id)
        if row is None:
            return {}
        user: Any = request.user
        is_shown = request.method == "GET" and user.has_perm(_CHANGE)
        listed = reverse("admin:events_delivery_changelist")
        return {
            "shop_secret": request.session.pop(_session_key(row.pk), "") if is_shown else "",
            "shop_webhook": {
                "row": row,
                "tag": _tag(row.state),
                "waiting": queries.waiting_for_webhook(row.pk),
                "deliveries": _newest(row) if user.has_perm("events.view_delivery") else None,
                "all": f"{listed}?webhook__id__exact={row.pk}",
            },
        }

    @admin.display(description="address")
    def address(self, row: Webhook) -> str:
        """Where it listens."""
        return row.url

    @admin.display(description="events")
    def wanted(self, row: Webhook) -> str:
        """What it wants to hear."""
        if EVERY_EVENT in row.event_names:
            return "every event"
        first, more = next(iter(row.event_names), "none"), len(row.event_names) - 1
        return f"{first} and {more} more" if more > 0 else first

    @admin.display(description="state")
    def shown_state(self, row: Webhook) -> str:
        """Whether it is told anything."""
        return _tag(row.state)


def _newest(row: Webhook) -> list[dict[str, Any]]:
    newest = _with_last_answer(Delivery.objects.filter(webhook=row)).order_by("-id")[:_NEWEST]
    return [
        {
            "row": each,
            "at": moment(each.created_at),
            "tag": _tag(each.state),
            "answered": _answered(each),
            "page": reverse("admin:events_delivery_change", args=[each.pk]),
        }
        for each in newest
    ]


def _with_last_answer(rows: QuerySet[Any]) -> QuerySet[Any]:
    last = DeliveryAttempt.objects.filter(delivery=OuterRef("pk")).order_by("-id")
    found: QuerySet[Any] = rows.annotate(
        last_status=Subquery(last.values("status")[:1]),
        last_failure=Subquery(last.values("failure")[:1]),
    )
    return found


def _answered(row: Any) -> str:
    """Return what was answered last: a status, or why there was none."""
    return str(row.last_status or row.last_failure or "—")


def _resend(press: Press) -> str:
    events.resend(delivery_ids=[press.row.pk])
    return "It is on its way once more; load the page again to see what was answered."


def _resend_all(request: HttpRequest, ids: Collection[int]) -> None:  # noqa: ARG001
    events.resend(delivery_ids=ids)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What was sent to webhooks, the newest first."""

    list_display = ("at", "event", "receiver", "shown_state", "tries", "answered")
    list_display_links = ("at", "event")
    list_select_related = ("webhook",)
    list_filter = ("state",)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("message_id__exact",)
    search_help_text = "A whole webhook-id, or the number or name of an event"
    fieldsets = ((None, {"fields": ()}),)
    change_form_outer_before_template = "backoffice/parts/buttons.html"
    change_form_outer_after_template = "backoffice/parts/delivery.html"
    buttons = (
        Button(
            name="resend",
            label="Send once more",
            icon="replay",
            right=_RESEND,
            act=_resend,
        ),
    )
    right_to_handle = _RESEND
    actions = (
        bulk(
            name="resend_deliveries",
            label="Send once more",
            right="handle",
            verb=_resend_all,
            done="On their way once more: {count}.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return deliveries with what was answered last."""
        return _with_last_answer(super().get_queryset(request))

    def sought(self, term: str) -> Q:
        """Find what is exact."""
        found = Q(message_id=term) | Q(event_name=term)
        if is_id(term):
            found |= Q(event_number=int(term))
        return found

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """Return the whole delivery with its attempts."""
        row = self.get_object(request, object_id)
        if row is None:
            return {}
        user: Any = request.user
        hook = reverse("admin:events_webhook_change", args=[row.webhook_id])
        return {
            "shop_delivery": {
                "row": row,
                "webhook": row.webhook,
                "webhook_page": user.has_perm("events.view_webhook") and hook,
                "tag": _tag(row.state),
                "attempts": [
                    {"row": each, "is_good": outcome_of(each.status) == Outcome.ACCEPTED}
                    for each in row.attempts.order_by("-id")
                ],
            }
        }

    @admin.display(description="when")
    def at(self, row: Delivery) -> str:
        """When it was written down."""
        return moment(row.created_at)

    @admin.display(description="event")
    def event(self, row: Delivery) -> str:
        """What happened."""
        return row.event_name

    @admin.display(description="webhook")
    def receiver(self, row: Delivery) -> str:
        """Who is told."""
        return row.webhook.description or row.webhook.url

    @admin.display(description="state")
    def shown_state(self, row: Delivery) -> str:
        """What has become of it."""
        return _tag(row.state)

    @admin.display(description="answer")
    def answered(self, row: Any) -> str:
        """What was answered last."""
        return _answered(row)
