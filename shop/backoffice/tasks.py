"""What staff are written to about."""

import contextlib
import logging
from functools import partial

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mass_mail
from django.db import transaction

from shop.events import actions as events
from shop.events import queries
from shop.events.errors import UnknownWebhook
from shop.events.rules import Notice, WebhookState

logger = logging.getLogger(__name__)

_RIGHT = "events.change_webhook"
_BACKEND = "django.contrib.auth.backends.ModelBackend"
_REASONS = {
    WebhookState.FAILING.value.lower(): "it has accepted nothing for a day",
    WebhookState.GONE.value.lower(): "its receiver answers that it is gone (410)",
}
_TEXT = """\
{shop} tells this webhook nothing any more: {reason}.

    {url}

What waits for it is kept. Enable it in the back office, under Webhooks, when its receiver works
again; its deliveries say what was answered.
"""


@events.on("webhook.disabled", queue="mail")
def write_to_staff(notice: Notice) -> None:
    """Tell those who can do something about it, once what they are told is committed."""
    with contextlib.suppress(UnknownWebhook):
        url = queries.find_webhook(notice.payload["webhook_id"]).url
        transaction.on_commit(partial(_send, url, notice.payload["reason"]))


def _send(url: str, reason: str) -> None:
    staff = get_user_model()._default_manager.with_perm(_RIGHT, backend=_BACKEND)
    emails = staff.filter(is_staff=True).exclude(email="").values_list("email", flat=True)
    subject = f"{settings.SHOP_NAME}: a webhook is disabled"
    text = _TEXT.format(shop=settings.SHOP_NAME, url=url, reason=_REASONS[reason])
    letters = [(subject, text, None, [email]) for email in emails]
    try:
        send_mass_mail(letters)
    except OSError:
        # The back office and /metrics say it as well.
        logger.exception("Nobody could be written to about the webhook %s", url)
