"""DATABASE_REPLICA_URLS: what it takes, and in which words it refuses the rest."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from novashop.databases import database_from_url, replicas_from_urls

pytestmark = pytest.mark.once

PRIMARY = "postgres://novashop:secret@10.0.0.5:5432/novashop"
REPLICA = "postgres://reader:secret@10.0.0.6:5432/novashop"
PRINT = """
import json
from novashop import settings
names = ("REPLICAS", "DATABASE_ROUTERS", "MIDDLEWARE")
print(json.dumps([*settings.DATABASES] + [getattr(settings, name) for name in names]))
"""


def read(data: Path, **environment: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_replicas_are_named_by_number(tmp_path: Path) -> None:
    urls = f"{REPLICA},{REPLICA}"

    *found, middleware = read(tmp_path, DATABASE_URL=PRIMARY, DATABASE_REPLICA_URLS=urls)

    aliases = ["replica-1", "replica-2"]
    assert found == ["default", *aliases, aliases, ["shop.lib.replicas.routing.ReplicaRouter"]]
    ours = middleware.index("shop.lib.replicas.visits.ReplicaMiddleware")
    assert middleware[ours + 1] == "django.contrib.sessions.middleware.SessionMiddleware"


def test_nobody_writes_to_a_replica_or_waits_for_it() -> None:
    (found,) = replicas_from_urls([REPLICA], primary=database_from_url(PRIMARY)).values()

    assert (found["HOST"], found["USER"]) == ("10.0.0.6", "reader")
    assert "-c default_transaction_read_only=on" in found["OPTIONS"]["options"]
    assert "-c statement_timeout=30s" in found["OPTIONS"]["options"]
    assert found["OPTIONS"]["connect_timeout"] == 2
    assert found["OPTIONS"]["tcp_user_timeout"] == 3000
    assert found["CONN_HEALTH_CHECKS"] is False
    assert found["TEST"] == {"MIRROR": "default"}


@pytest.mark.parametrize(
    ("primary", "replica", "words"),
    [
        (PRIMARY, "http://10.0.0.6/", "DATABASE_REPLICA_URLS must begin with sqlite://, postgres"),
        (PRIMARY, "postgres://host:port/name", "DATABASE_REPLICA_URLS cannot be read"),
        (PRIMARY, "mysql://10.0.0.6/novashop", "of the kind that DATABASE_URL names"),
        ("sqlite:///shop.sqlite3", "sqlite:///other.sqlite3", "a file of SQLite has none"),
    ],
)
def test_what_cannot_be_a_replica_is_refused_in_words(
    primary: str, replica: str, words: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=words):
        replicas_from_urls([replica], primary=database_from_url(primary))
