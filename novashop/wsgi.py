"""The WSGI application that every app server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")

application = get_wsgi_application()

from django.conf import settings  # noqa: E402  (readable only now)

from shop.ops.relaying import relay_in_background  # noqa: E402  (needs the applications)

if settings.RELAY == "server":
    relay_in_background()
