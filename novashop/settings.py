"""Settings of NovaShop, read from the environment and from nowhere else.

With an empty environment they describe the embedded shop: SQLite, a cache in the process, events
delivered by a thread of the server. `.env.example` lists every variable with its meaning.
"""

import contextlib
from pathlib import Path
from urllib.parse import quote

import environ
from django.core.exceptions import ImproperlyConfigured

from novashop import __version__, backoffice, carriers, eyes, interface, logs
from novashop.caches import cache_from_url, public_cache_from
from novashop.databases import (
    READ_FROM_REPLICAS,
    database_from_url,
    replicas_from_urls,
    text_of_file,
)
from novashop.environment import Environment
from novashop.networks import networks_of
from shop.lib.countries import country_names
from shop.lib.secret_key import SecretKeyUnavailableError, read_or_create_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

VERSION = __version__

# --- What this process is -----------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
HTTPS = env.bool("HTTPS", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _secret_key() -> str:
    given: str = env.str("SECRET_KEY", default="")
    if given:
        return given
    try:
        return read_or_create_secret_key(DATA_DIR / "secret_key")
    except SecretKeyUnavailableError as error:
        raise ImproperlyConfigured(
            f"the data folder {DATA_DIR} cannot be written to ({error}); "
            "make it writable, or set DATA_DIR to another folder"
        ) from error


SECRET_KEY = _secret_key()

# What the shop is called, on every page and in every letter; by default the name of the demo.
SHOP_NAME = env.str("SHOP_NAME", default="Tern & Tide")
# Whether a shop that has just been made is filled with the demo, its accounts included.
DEMO = env.bool("DEMO", default=True)
# Who turns refusals into sentences for people, so that all faces say the same.
REFUSAL_SENTENCES = "shop.storefront.sentences.sentence_of"

# --- The house ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "shop.storefront",
    "shop.api",
    "shop.backoffice",
    "shop.mail",
    "shop.ops",
    "shop.checkout",
    "shop.letters",
    "shop.reviews",
    "shop.orders",
    "shop.cart",
    "shop.inventory",
    "shop.catalog",
    "shop.accounts",
    "shop.events",
    "shop.lib",
    "treebeard",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "auditlog",
    "unfold.apps.BasicAppConfig",
    "shop.backoffice.apps.BackOfficeSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "shop.lib.requests.RequestMiddleware",
    "shop.lib.proxies.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shop.storefront.strip.StripMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shop.ops.watching.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shop.backoffice.auditing.ActorMiddleware",
]

ROOT_URLCONF = "novashop.urls"
# Asked all day long by those who watch over the processes, of each one by whatever address it has.
WATCHED = ("/healthz", "/readyz", "/metrics")
WSGI_APPLICATION = "novashop.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Where things are kept ------------------------------------------------------------------------

DATABASES = {
    "default": database_from_url(
        env.str("DATABASE_URL", default="")
        or text_of_file(env.str("DATABASE_URL_FILE", default=""), name="DATABASE_URL_FILE")
        or f"sqlite:///{quote(str(DATA_DIR / 'novashop.sqlite3'))}"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Databases that follow that one, for reading what may be a few seconds old (shop/lib/replicas/).
DATABASES |= replicas_from_urls(
    env.list("DATABASE_REPLICA_URLS", default=[]), primary=DATABASES["default"]
)
REPLICAS = [alias for alias in DATABASES if alias != "default"]
REPLICA_APPS = READ_FROM_REPLICAS
if REPLICAS:
    DATABASE_ROUTERS = ["shop.lib.replicas.routing.ReplicaRouter"]
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware"),
        "shop.lib.replicas.visits.ReplicaMiddleware",
    )

# Empty: a cache in the process, which is right for one process.
CACHES = {"default": cache_from_url(env.str("REDIS_URL", default=""))}
CACHES["public"] = public_cache_from(CACHES["default"])
# `off`: answers for everybody are made anew for each request, and may then come from replicas.
KEEP_PAGES = env.bool("KEEP_PAGES", default=True)
SESSION_ENGINE = "shop.lib.caches.sessions"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
# Before the first `collectstatic` WhiteNoise would warn that the folder is not there.
with contextlib.suppress(OSError):
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"

# `finders`: WhiteNoise serves the files from where they lie (the embedded shop). `hashed`: they are
# collected by `manage.py prepare`, under names that change with what is in them.
STATIC = env.str("STATIC", default="finders")
if STATIC not in {"finders", "hashed"}:
    raise ImproperlyConfigured(f"STATIC is {STATIC!r}; it can be 'finders' or 'hashed'")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "shop.lib.static_files.HashedFiles"
        if STATIC == "hashed"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = STATIC == "finders"
WHITENOISE_AUTOREFRESH = DEBUG

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "shop.lib.passwords.AffordableArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "category_list"

# --- Words, money and time ------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

# The one currency of the shop, an ISO 4217 code. Every order keeps its own copy of it.
CURRENCY = env.str("CURRENCY", default="GBP")
if not (len(CURRENCY) == 3 and CURRENCY.isascii() and CURRENCY.isupper()):
    raise ImproperlyConfigured(f"CURRENCY is {CURRENCY!r}; it must be a code like GBP or EUR")
# Where buyers transfer money to, as they read it; empty: bank transfer is not offered. The default
# is the demo's, and no account anywhere.
BANK_DETAILS = env.str(
    "BANK_DETAILS", default="Tern & Tide, sort code 00-00-00, account 00000000"
).strip()
# How long an order by bank transfer waits for its money before its stock goes back.
PAYMENT_WAIT_DAYS = env.whole_number("PAYMENT_WAIT_DAYS", default=7, of="days")

# So few units left of something, or fewer, and staff and programs are told of it.
LOW_STOCK = env.whole_number("LOW_STOCK", default=5, of="units")

# The country that a form for an address begins with, an ISO 3166-1 alpha-2 code; empty: none.
DEFAULT_COUNTRY = env.str("DEFAULT_COUNTRY", default="GB").strip()
if DEFAULT_COUNTRY and DEFAULT_COUNTRY not in country_names():
    raise ImproperlyConfigured(
        f"DEFAULT_COUNTRY is {DEFAULT_COUNTRY!r}; it must be a code like GB or FR, or empty"
    )

# --- Mail ---

# Where letters go: a file for each, unless a server is named. Their links open what is somebody's,
# so the folder is its owner's alone.
LETTERS_DIR = DATA_DIR / "letters"
_mail_url = env.str("EMAIL_URL", default="").strip() or f"filemail:///{quote(str(LETTERS_DIR))}"
vars().update(environ.Env.email_url_config(_mail_url))
with contextlib.suppress(OSError):
    LETTERS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default=f"{SHOP_NAME} <shop@localhost>")
# A mail server that does not answer must not keep a page waiting for ever.
EMAIL_TIMEOUT = 10
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where the shop is, as people reach it: the beginning of every link in a letter.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
if not SITE_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured(f"SITE_URL is {SITE_URL!r}; it begins with https:// or http://")
# Who of the staff is told, by mail, of what runs low and of what the shop cannot do.
STAFF_MAIL = env.list("STAFF_MAIL", default=[])
# Who sells, as invoices say it, in one line; each comma begins a new one there.
SHOP_ADDRESS = env.str("SHOP_ADDRESS", default="1 Harbour Street, Port Tern, PT1 1AA").strip()

# --- How much one person can do -------------------------------------------------------------------

# `off` lifts all rate limits, for load tests.
THROTTLE = env.bool("THROTTLE", default=True)
# How many proxies of our own stand before the shop, each adding to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# How many requests this process answers at the same time. One is right for pages; a process of the
# order lane has many, which leave the database to one thread of theirs, and does nothing else.
THREADS = env.whole_number("THREADS", default=1)
if not 1 <= THREADS <= 512:
    raise ImproperlyConfigured(f"THREADS is {THREADS}; it can be 1 to 512")
# What such a process is there for: POST to these. nginx sends it nothing else.
ORDER_PATHS = ("/api/orders/", "/checkout/")
if THREADS > 1:
    for _of_pages in (
        "shop.storefront.strip.StripMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
        "shop.backoffice.auditing.ActorMiddleware",
    ):
        MIDDLEWARE.remove(_of_pages)
    MIDDLEWARE.insert(1, "novashop.order_lane.OrderLaneMiddleware")

# --- Work in the background -----------------------------------------------------------------------

# `server`: a thread of the app server delivers events and runs the schedule (the embedded shop).
# `process`: `manage.py relay` does, as a process of its own.
RELAY = env.str("RELAY", default="server")
if RELAY not in {"server", "process"}:
    raise ImproperlyConfigured(f"RELAY is {RELAY!r}; it can be 'server' or 'process'")

# Where workers get events from: amqp://user:password@host:5672/ of RabbitMQ. Empty: the relay runs
# the handlers itself.
BROKER_URL = env.str("BROKER_URL", default="").strip() or text_of_file(
    env.str("BROKER_URL_FILE", default=""), name="BROKER_URL_FILE"
)
carriers.check_broker(BROKER_URL)
CELERY_APP = "novashop.celery.app"
EVENT_TRANSPORT = f"shop.events.actions.transports.{'rabbitmq' if BROKER_URL else 'inline'}"

# Where other systems are told of events, beside that: Kafka's servers, host:port. Empty: nowhere.
KAFKA_SERVERS = [name for name in env.list("KAFKA_SERVERS", default=[]) if name]
carriers.check_kafka(KAFKA_SERVERS)
# What the names of the topics begin with; the kind of an event's subject follows: novashop.order.
KAFKA_TOPICS = env.str("KAFKA_TOPICS", default="novashop.")
KAFKA_OPTIONS = carriers.kafka_options(env.list("KAFKA_OPTIONS", default=[]))
EVENTS_BESIDE = "shop.events.actions.transports.kafka" if KAFKA_SERVERS else ""

# Networks that webhooks may go to besides the open net, and without https: a machine of one's own.
WEBHOOK_NETWORKS = networks_of("WEBHOOK_NETWORKS", env.list("WEBHOOK_NETWORKS", default=[]))

# --- The libraries of the faces, each in a file of its own ----------------------------------------

REST_FRAMEWORK = interface.REST_FRAMEWORK
SIMPLE_JWT = interface.SIMPLE_JWT
SPECTACULAR_SETTINGS = interface.SPECTACULAR_SETTINGS
UNFOLD = backoffice.UNFOLD

# --- Safety ---------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
# Who watches over the processes asks them directly.
SECURE_REDIRECT_EXEMPT = [f"^{path[1:]}$" for path in WATCHED]
# Behind https there is a proxy that takes it off, says so, and lets nobody else say so.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
# A form is small; a large body is no form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# Pictures do not count as that: a form has room for three of the largest, and a body that says it
# is larger is refused before it is read.
UPLOAD_MAX_BYTES = 32_000_000
FILE_UPLOAD_HANDLERS = [
    "shop.lib.uploads.LimitedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Tests set it: what is forbidden raises where it is done, such as looking at a visitor's session on
# a page for everybody. In a shop that is open nobody is punished for our mistakes.
TRIPWIRES = False

# --- Logs -----------------------------------------------------------------------------------------

# `line`: for people, as the embedded shop has it. `json`: an object in a line for programs, and one
# for each request.
LOG = env.str("LOG", default="line")
if LOG not in logs.FORMS:
    raise ImproperlyConfigured(f"LOG is {LOG!r}; it can be 'line' or 'json'")
# How logs call this process, where several write into one.
PROCESS = env.str("PROCESS", default="")
LOGGING = logs.settings(LOG, process=PROCESS)
LOGGING_CONFIG = "novashop.records.install"

# How many milliseconds a statement of a request may take before the log says so; 0: it never does.
SLOW_QUERY_MS = eyes.milliseconds_of("SLOW_QUERY_MS", env.str("SLOW_QUERY_MS", default="500"))
# Each statement of a request tells the database whose it is, so that its own log can be followed.
SQL_COMMENTS = env.bool("SQL_COMMENTS", default=True)

# --- Traces and faults, told to others ------------------------------------------------------------

# Where a collector takes traces (OTLP over HTTP); empty: nothing of OpenTelemetry's is imported.
TRACES_TO = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="").strip()
eyes.check_collector(TRACES_TO)
# Of how many requests: the rest cost nothing.
TRACES_SHARE = eyes.share_of(env.str("OTEL_TRACES_SAMPLER_ARG", default="1"))
TRACER = "novashop.tracing.start" if TRACES_TO else ""
if TRACER:
    MIDDLEWARE.insert(1, "shop.lib.spans.SpanMiddleware")

# Where Sentry takes faults; empty: nothing of Sentry's is imported.
SENTRY_DSN = env.str("SENTRY_DSN", default="").strip()
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default="")
eyes.check_fault_reports(SENTRY_DSN)
if SENTRY_DSN:
    logs.add_fault_reports(LOGGING, dsn=SENTRY_DSN, environment=SENTRY_ENVIRONMENT, process=PROCESS)

# --- Metrics --------------------------------------------------------------------------------------

# Where the processes of one machine count together; empty: there is one, and it counts alone.
METRICS_DIR = env.str("METRICS_DIR", default="")
# Who may read /metrics: addresses and networks.
METRICS_FROM = env.list("METRICS_FROM", default=["127.0.0.0/8", "::1"])
METRICS_NETWORKS = networks_of("METRICS_FROM", METRICS_FROM)

# --- The developer's own tools --------------------------------------------------------------------

if DEBUG:
    from novashop import debugging

    debugging.add_debug_tools(installed_apps=INSTALLED_APPS, middleware=MIDDLEWARE)
    debugging.add_debug_log(logging=LOGGING, file=DATA_DIR / "django_debug.log")
    DEBUG_TOOLBAR_PANELS = debugging.PANELS
    DEBUG_TOOLBAR_CONFIG = debugging.toolbar_config()
    # The detector of N+1 speaks up in the log of queries, and breaks no page.
    ZEAL_RAISE = False
    ZEAL_ALLOWLIST = debugging.NO_ROW_BY_ROW
