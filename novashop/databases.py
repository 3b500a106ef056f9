"""From DATABASE_URL to Django's DATABASES entry, with the options each database needs here."""

import warnings
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

# How long a statement may wait for a lock that another one holds, before it gives up.
LOCK_WAIT_SECONDS = 5
# How long a statement may take; commands may take longer (shop/lib/patience.py).
STATEMENT_SECONDS = 30
# How long a transaction may stand open and do nothing, its locks in everybody's way. A picture that
# is saved in the back office is encoded meanwhile.
IDLE_SECONDS = 60
# How long to wait for a server that does not answer at all.
CONNECT_SECONDS = 5
# After how long a server that has gone without a word (its machine lost power, a cable was pulled)
# counts as away. Longer than any statement takes, where the driver cannot tell one from the other.
SILENCE_SECONDS = 60

# READ COMMITTED; psycopg takes the number.
_READ_COMMITTED = 2

_POSTGRESQL_LIMITS = {
    "lock_timeout": LOCK_WAIT_SECONDS,
    "statement_timeout": STATEMENT_SECONDS,
    "idle_in_transaction_session_timeout": IDLE_SECONDS,
}
# What MariaDB alone has, and MySQL takes for a comment; then what MySQL alone has.
_MYSQL_LIMITS = (
    f"SET sql_mode = 'TRADITIONAL',"
    f" /*M!100300 max_statement_time = {STATEMENT_SECONDS},"
    f" idle_transaction_timeout = {IDLE_SECONDS}, */"
    f" /*!50708 max_execution_time = {STATEMENT_SECONDS * 1000}, */"
    # Of rows, and of tables that are being altered.
    f" innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}, lock_wait_timeout = {LOCK_WAIT_SECONDS}"
)

_OPTIONS: dict[str, dict[str, Any]] = {
    # IMMEDIATE takes the write lock at BEGIN: a transaction that reads and then writes can never
    # fail halfway because another one wrote in between. FULL keeps a commit through a power cut.
    "django.db.backends.sqlite3": {
        "transaction_mode": "IMMEDIATE",
        "timeout": LOCK_WAIT_SECONDS,
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
    },
    "django.db.backends.postgresql": {
        "connect_timeout": CONNECT_SECONDS,
        "isolation_level": _READ_COMMITTED,
        "options": " ".join(f"-c {name}={value}s" for name, value in _POSTGRESQL_LIMITS.items()),
        "keepalives_idle": SILENCE_SECONDS // 2,
        "keepalives_interval": SILENCE_SECONDS // 6,
        "keepalives_count": 3,
        "tcp_user_timeout": SILENCE_SECONDS * 1000,
    },
    "django.db.backends.mysql": {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": SILENCE_SECONDS,
        "write_timeout": SILENCE_SECONDS,
        "isolation_level": "read committed",
        "init_command": _MYSQL_LIMITS,
        "charset": "utf8mb4",
    },
}


def database_from_url(url: str) -> dict[str, Any]:
    """Return Django's settings for the database at `url`.

    Raises ImproperlyConfigured when the URL names no SQLite, PostgreSQL, MySQL or MariaDB.
    """
    database = _parse(url)
    engine = database.get("ENGINE", "")
    if engine not in _OPTIONS:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with sqlite://, postgres:// or mysql://"
        )
    if engine.endswith("mysql"):
        _use_pure_python_driver()
    database["OPTIONS"] = _OPTIONS[engine] | database.get("OPTIONS", {})
    if engine.endswith("sqlite3"):
        # Tests use a file as well: in memory there is one connection, and nobody to race with.
        database["TEST"] = {"NAME": f"{database['NAME']}.test"}
    else:
        database["CONN_MAX_AGE"] = 600
        database["CONN_HEALTH_CHECKS"] = True
    return database


def _parse(url: str) -> dict[str, Any]:
    try:
        if url.startswith("sqlite://") and urlsplit(url).netloc not in {"", ":memory:"}:
            raise ImproperlyConfigured(
                "DATABASE_URL needs a third slash before a path from here, and a fourth before one "
                "from the root: sqlite:////srv/shop.sqlite3"
            )
        with warnings.catch_warnings():
            # What it only warns of is refused by our caller.
            warnings.simplefilter("ignore")
            database: dict[str, Any] = environ.Env.db_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    return database


def _use_pure_python_driver() -> None:
    """Let PyMySQL stand in for mysqlclient, which has no wheel for Linux."""
    try:
        import MySQLdb  # noqa: F401  (the C driver, where the merchant built it)
    except ImportError:
        import pymysql

        pymysql.install_as_MySQLdb()
