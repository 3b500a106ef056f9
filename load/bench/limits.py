"""The limits that answer over HTTP: nginx with a file, its cache, nothing; and a bare Django view.

They stand behind an nginx of their own, of the same program as the shop's, with as many workers. It
writes no log: a limit is what could be reached at best.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from load.bench.processes import HOST, free_port, started

STATIC = "/static_page.html"
CACHED = "/cached_static.html"
EMPTY = "/empty"
BARE = "/bare/products"

_CONFIGURATION = """
daemon off;
worker_processes auto;
error_log stderr error;
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    types {{ text/html html; }}
    keepalive_requests 100000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache keys_zone=fixed:1m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    upstream app {{
        zone app 64k;
        least_conn;
        {servers}
        keepalive 64;
    }}
    server {{
        listen {host}:{port} backlog=1024;
        location / {{ proxy_pass http://app; }}
        location = {empty} {{ return 204; }}
        location = {static} {{ root {folder}; open_file_cache max=10; }}
        location = {cached} {{
            proxy_pass http://{host}:{port}{static};
            proxy_cache fixed;
            proxy_cache_valid 200 1h;
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where they answer."""

    port: int

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}{path}"


@contextlib.contextmanager
def running(
    *, folder: Path, nginx: str, page: bytes, apps: int, database_url: str
) -> Iterator[Limits]:
    """Run them; the bare view has as many processes as the shop has for browsing."""
    with contextlib.ExitStack() as stack:
        ports = [
            stack.enter_context(bare(log=folder / f"bare-{number}.log", database_url=database_url))
            for number in range(apps)
        ]
        yield Limits(
            stack.enter_context(
                behind_nginx(folder=folder, nginx=nginx, page=page, app_ports=ports)
            )
        )


@contextlib.contextmanager
def bare(*, log: Path, database_url: str) -> Iterator[int]:
    """Serve the bare project as the shop is served, by one thread, and yield the port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    options = ["--workers", "1", "--blocking-threads", "1", "--log-level", "warning"]
    where = ["--host", HOST, "--port", str(port), "load.bench.bare.wsgi:application"]
    environment = {**os.environ, "DATABASE_URL": database_url}
    with started(
        [*command, *options, *where], log=log, port=port, path=BARE, environment=environment
    ):
        yield port


@contextlib.contextmanager
def behind_nginx(*, folder: Path, nginx: str, page: bytes, app_ports: list[int]) -> Iterator[int]:
    """Run nginx before apps at these ports, and yield its own port."""
    # Its workers are somebody else where root starts it.
    folder.chmod(0o755)
    (folder / STATIC.lstrip("/")).write_bytes(page)
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            folder=folder,
            host=HOST,
            port=port,
            servers=" ".join(f"server {HOST}:{app};" for app in app_ports),
            empty=EMPTY,
            static=STATIC,
            cached=CACHED,
        )
    )
    command = [nginx, "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
    with started(command, log=folder / "nginx.log", port=port, path=EMPTY):
        yield port
