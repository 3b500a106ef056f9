"""What the programs of the shop are told: the user's own settings, and where the servers are."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from deploy.stack.folders import Folders

ROOT = Path(__file__).resolve().parents[2]
_OWN_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def for_shop(
    *,
    folders: Folders,
    database_url: str,
    redis_url: str,
    broker_url: str,
    url: str,
    own: Mapping[str, str],
) -> dict[str, str]:
    """Return the settings of the shop in this stack; `own` are those of whoever starts it.

    `broker_url` is that of the stack's own RabbitMQ, empty where it has none. `url` is where the
    shop is, unless they say otherwise.
    """
    chosen = {name: own[name] for name in _known() if own.get(name)}
    # Those of OpenTelemetry's standard are the library's, and .env.example lists but two of them.
    chosen |= {name: value for name, value in own.items() if name.startswith("OTEL_")}
    return {
        "THROTTLE": "on",
        "LOG": "json",
        # In the window they would be kept in a log.
        "EMAIL_URL": f"filemail:///{quote(str(folders.letters))}",
        "SITE_URL": url,
        **chosen,
        "ALLOWED_HOSTS": ",".join(_hosts(chosen.get("ALLOWED_HOSTS", ""))),
        "DATA_DIR": str(folders.data),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "BROKER_URL": broker_url or chosen.get("BROKER_URL", ""),
        # Whom the stack does not know of would have events from the relay, and no workers.
        "BROKER_URL_FILE": "",
        "RELAY": "process",
        "STATIC": "hashed",
        "TRUSTED_PROXIES": "1",
        "METRICS_DIR": str(folders.metrics),
    }


def _known() -> list[str]:
    """Return the names of the shop's settings."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#?([A-Z][A-Z_]+)=", example, flags=re.MULTILINE)


def _hosts(given: str) -> list[str]:
    names = (*_OWN_HOSTS, *(name.strip() for name in given.split(",")))
    return [name for name in dict.fromkeys(names) if name]


def for_process(shop: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a program of the shop."""
    return {"PATH": os.environ.get("PATH", os.defpath), "PYTHONUNBUFFERED": "1", **_ours(), **shop}


def _ours() -> dict[str, str]:
    """Return what a user's processes usually know, and nothing of who started them."""
    names = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "TZ")
    return {name: os.environ[name] for name in names if name in os.environ}
