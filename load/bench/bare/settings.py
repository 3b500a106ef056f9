"""Settings of the bare project: a database, and otherwise Django's own defaults."""

import os

from novashop.databases import database_from_url

# Signs nothing.
SECRET_KEY = "bare"  # noqa: S105
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "load.bench.bare.views"
WSGI_APPLICATION = "load.bench.bare.wsgi.application"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
USE_I18N = False
USE_TZ = True
# A limit does not ask, before each request, whether its connection is still there.
DATABASES = {
    "default": {**database_from_url(os.environ["DATABASE_URL"]), "CONN_HEALTH_CHECKS": False}
}
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
LOGGING_CONFIG = None
