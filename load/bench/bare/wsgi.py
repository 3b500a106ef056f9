"""The bare project for an app server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "load.bench.bare.settings"
application = get_wsgi_application()
