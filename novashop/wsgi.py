"""The WSGI application that every app server loads."""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")

handler = get_wsgi_application()

from django.conf import settings  # noqa: E402  (readable only now)
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.db import Error as DatabaseError  # noqa: E402

from shop.lib.thread_turns import taking_turns  # noqa: E402
from shop.ops import strangers  # noqa: E402  (needs the applications)
from shop.ops.preflight import CannotStartError  # noqa: E402
from shop.ops.relaying import relay_in_background  # noqa: E402  (needs the applications)

# Whatever server loads this: `manage.py serve` has said it in a sentence already.
try:
    strangers.check(settings)
except CannotStartError as error:
    raise ImproperlyConfigured(str(error)) from error
except DatabaseError as error:
    # A server that starts before its database is no reason to stay closed.
    logging.getLogger(__name__).warning("The accounts could not be checked: %s", error)

if settings.RELAY == "server":
    relay_in_background()

application = taking_turns(handler) if settings.THREADS > 1 else handler
