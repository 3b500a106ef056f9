"""The database's own log says for which request a statement was asked, and in which view."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql
import pytest
from django.conf import settings

from tests import servers
from tests.test_servers import kind

__all__ = ["kind"]

pytestmark = pytest.mark.once

# `/readyz` needs no tables.
ASK = """
import django
django.setup()
from django.db import connection
from django.test import Client
from shop.lib import requests
answer = Client().get("/readyz")
print(answer["X-Request-ID"], answer.status_code)
with connection.cursor() as cursor:
    cursor.execute("SELECT 'asked by nobody'")
    with requests.working_for(answer["X-Request-ID"]):
        cursor.execute("SELECT %s, 'at 100 %%'", [7])
"""


def log_of(kind: str, url: str) -> Path:
    """Let the server write every statement into its log, and return that."""
    parts = urlsplit(url)
    if kind == "postgresql":
        folder = Path(unquote(url.rpartition("@:5432/")[2].rpartition("/")[0]))
        with psycopg.connect(
            host=str(folder), user="novashop", dbname="novashop", autocommit=True
        ) as connection:
            connection.execute("ALTER SYSTEM SET log_min_duration_statement = 0")
            connection.execute("SELECT pg_reload_conf()")
        return folder / "log"
    socket = Path(unquote(parts.query.removeprefix("unix_socket=")))
    log = socket.parent / "slow.log"
    with (
        pymysql.connect(unix_socket=str(socket), user="root", autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SET GLOBAL slow_query_log_file = '{log}'")
        cursor.execute("SET GLOBAL long_query_time = 0")
        cursor.execute("SET GLOBAL slow_query_log = 1")
    return log


def ask(url: str, *, data: Path, comments: str) -> str:
    """Let a shop ask the database for somebody, and for nobody; return the request's id."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=settings.BASE_DIR,
        env={
            "DJANGO_SETTINGS_MODULE": "novashop.settings",
            "DATA_DIR": str(data),
            "DATABASE_URL": url,
            "SQL_COMMENTS": comments,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    request_id, status = done.stdout.split()
    assert status == "200"
    return request_id


def test_the_servers_log_has_the_id_of_the_request(kind: str, tmp_path: Path) -> None:
    with servers.running(kind) as url:
        log = log_of(kind, url)
        request_id = ask(url, data=tmp_path, comments="on")
        silent_id = ask(url, data=tmp_path, comments="off")
        written = log.read_text(encoding="utf-8")

    assert f"SELECT 1 /*request_id='{request_id}',route='health_ready'*/" in written
    assert f"SELECT 7, 'at 100 %' /*request_id='{request_id}'*/" in written
    assert silent_id not in written
    assert len(re.findall(r"SELECT 'asked by nobody'(?! /\*)", written)) == 2
