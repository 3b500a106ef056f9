"""From DATABASE_URL to Django's DATABASES entry, with the options each database needs here."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
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

# The apps whose tables visitors may be shown a few seconds late, where there are replicas and a
# view allows it (shop/lib/replicas/). Not sessions, accounts, rights: who was signed out is out.
READ_FROM_REPLICAS = ("auditlog", "catalog", "inventory", "orders", "reviews")
_REPLICA_URLS = "DATABASE_REPLICA_URLS"
# Nothing is ever written there, whatever becomes of it, and nobody waits long for a machine that
# has gone: there is always the primary. (Two seconds to connect is the least that psycopg takes.)
_REPLICA_OPTIONS: dict[str, dict[str, Any]] = {
    "django.db.backends.postgresql": {
        "connect_timeout": 2,
        "options": f"{_OPTIONS['django.db.backends.postgresql']['options']}"
        " -c default_transaction_read_only=on",
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 2,
        "tcp_user_timeout": 3000,
    },
    "django.db.backends.mysql": {
        "connect_timeout": 2,
        "init_command": f"{_MYSQL_LIMITS}"
        " /*M!100000 , tx_read_only = 1 */ /*!50720 , transaction_read_only = 1 */",
    },
}


def database_from_url(url: str, *, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Return Django's settings for the database at `url`, which the setting `name` names.

    Raises ImproperlyConfigured when the URL names no SQLite, PostgreSQL, MySQL or MariaDB.
    """
    database = _parse(url, name=name)
    engine = database.get("ENGINE", "")
    if engine not in _OPTIONS:
        raise ImproperlyConfigured(f"{name} must begin with sqlite://, postgres:// or mysql://")
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


def text_of_file(path: str, *, name: str) -> str:
    """Return what the file says that the setting `name` names; nothing where it names none.

    Raises ImproperlyConfigured when it cannot be read, or says nothing.
    """
    if not path:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name} names a file that cannot be read: {error}") from error
    if not text:
        raise ImproperlyConfigured(f"{name} names an empty file: {path}")
    return text


def replicas_from_urls(
    urls: Sequence[str], *, primary: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return Django's settings for databases that follow the primary: `replica-1` and so on.

    Raises ImproperlyConfigured for a URL that cannot be read, or names another kind of database.
    """
    return {
        f"replica-{number}": _replica_from_url(url, primary=primary)
        for number, url in enumerate(urls, start=1)
    }


def _replica_from_url(url: str, *, primary: Mapping[str, Any]) -> dict[str, Any]:
    database = database_from_url(url, name=_REPLICA_URLS)
    engine = database["ENGINE"]
    if engine != primary["ENGINE"] or engine not in _REPLICA_OPTIONS:
        raise ImproperlyConfigured(
            f"{_REPLICA_URLS} must name databases of the kind that DATABASE_URL names, "
            "PostgreSQL, MySQL or MariaDB: a file of SQLite has none that follow it"
        )
    database["OPTIONS"] |= _REPLICA_OPTIONS[engine]
    # What fails there is asked again of the primary, so nobody has to knock before each request.
    database["CONN_HEALTH_CHECKS"] = False
    # Tests make no second database.
    database["TEST"] = {"MIRROR": "default"}
    return database


def _parse(url: str, *, name: str) -> dict[str, Any]:
    try:
        if url.startswith("sqlite://") and urlsplit(url).netloc not in {"", ":memory:"}:
            raise ImproperlyConfigured(
                f"{name} needs a third slash before a path from here, and a fourth before one "
                "from the root: sqlite:////srv/shop.sqlite3"
            )
        with warnings.catch_warnings():
            # What it only warns of is refused by our caller.
            warnings.simplefilter("ignore")
            database: dict[str, Any] = environ.Env.db_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}") from error
    return database


def _use_pure_python_driver() -> None:
    """Let PyMySQL stand in for mysqlclient, which has no wheel for Linux."""
    try:
        import MySQLdb  # noqa: F401  (the C driver, where the merchant built it)
    except ImportError:
        import pymysql

        pymysql.install_as_MySQLdb()
