"""The one configuration of nginx, filled in: for a process of one's own, or for /etc/nginx/conf.d/.

On a server: python -m deploy.nginx.site --browse 10.0.0.5:8000 --browse 10.0.0.6:8000 --names
shop.example.org --files /srv/novashop > /etc/nginx/conf.d/novashop.conf
"""

import argparse
import grp
import pwd
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template

from deploy.nginx import error_pages

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "novashop.conf.template"
# One failure may be chance; two, and the server is left alone for so long. An app server that is
# leaving counts on it (SECONDS_OF_SILENCE in shop/ops/draining.py is less).
PATIENCE = "max_fails=2 fail_timeout=2s"
# Where all are being left alone, those for pages are asked all the same: better than a page of
# excuses, when the first of them is back already. These are never left alone.
LAST_RESORT = "max_fails=0 backup"
# Nobody writes these into an address.
_DEFAULT_PORTS = frozenset({80, 443})
# What would end a quoted word of nginx's, or be a variable of it.
_SPECIAL = frozenset("\"'\\$\n\r")


class CannotRenderError(Exception):
    """The message is one sentence about what nginx could not be told."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """What nginx has to know of the shop. Each field is a name of the template."""

    # host:port of each app server, and of those that take orders alone; without any, browse does.
    browse: Sequence[str]
    order: Sequence[str] = ()
    listen: str = "127.0.0.1:8080"
    # The port in the shop's address. None: the one that nginx listens on. Where a container, a
    # tunnel or another server in front shows visitors another port, name that one.
    public_port: int | None = None
    # As in ALLOWED_HOSTS: names, `.example.org` with all below it, `*` for any.
    names: Sequence[str] = ("127.0.0.1", "localhost", "[::1]")
    # The folder with static/ and media/ in it: DATA_DIR. What is shown where the app cannot say
    # anything lies in pages/ beside them.
    files: Path
    # Where nginx keeps pages for everybody, for seconds; the folder above it has to be there.
    cache: Path = Path("/var/cache/novashop")
    throttle: bool = True
    # How visitors come. `https` where something before nginx takes it off.
    scheme: str = "$scheme"
    # Whether this nginx can send files that were compressed before (see `sends_compressed`).
    gzip_static: bool = True
    access_log: str = "/var/log/nginx/novashop.json"
    error_log: str = "/var/log/nginx/novashop-error.log"


def render(site: Site) -> str:
    """Return what belongs into `http { }`."""
    if not site.browse:
        raise CannotRenderError("nginx needs at least one app server to pass requests to")
    values = {
        "LISTEN": site.listen,
        "PORT": _port(site),
        "SERVER_NAMES": " ".join(map(_name, site.names)),
        "BROWSE_SERVERS": f"{_servers(site.browse)}\n    {_last_resort(site.browse)}",
        "ORDER_SERVERS": f"{_servers(site.order or site.browse)}\n    {_last_resort(site.browse)}",
        "FILES": _word(str(site.files)),
        "CACHE": _word(str(site.cache)),
        "THROTTLE": "on" if site.throttle else "off",
        "SCHEME": site.scheme,
        "GZIP_STATIC": "gzip_static on;" if site.gzip_static else "",
        "ACCESS_LOG": _word(site.access_log),
        "ERROR_LOG": _word(site.error_log),
    }
    # nginx's own variables look like names to fill in as well, and stay.
    return Template(TEMPLATE.read_text()).safe_substitute(values)


def _port(site: Site) -> str:
    """Return what follows the host's name in the shop's address: `:8080`, or nothing."""
    port = _listening_port(site.listen) if site.public_port is None else site.public_port
    return "" if port in _DEFAULT_PORTS else f":{port}"


def _listening_port(listen: str) -> int:
    # Without a port it is 80; a socket has none.
    found = re.fullmatch(r"(?:.*:)?([0-9]+)", listen.split(maxsplit=1)[0])
    return int(found[1]) if found else 80


def _servers(addresses: Sequence[str]) -> str:
    return "\n    ".join(f"server {address} {PATIENCE};" for address in addresses)


def _last_resort(addresses: Sequence[str]) -> str:
    return "\n    ".join(f"server {address} {LAST_RESORT};" for address in addresses)


def _name(host: str) -> str:
    return "~." if host == "*" else _word(host)


def _word(text: str) -> str:
    """Return the text, or refuse it where nginx would take it for something else."""
    if _SPECIAL & set(text):
        raise CannotRenderError(f"nginx cannot be told of {text!r}: it has a quote, a $ or a \\")
    return text


def write_pages(site: Site) -> None:
    """Write what nginx says where the app cannot. Raises OSError."""
    error_pages.write(site.files / "pages")


def sends_compressed(program: str | Path) -> bool:
    """Tell whether this nginx was built with what sends files that were compressed before."""
    said = subprocess.run([program, "-V"], capture_output=True, text=True, check=True)  # noqa: S603
    return "http_gzip_static_module" in said.stderr


def write_private(
    site: Site, *, folder: Path, account: str = "", workers: int | str = "auto"
) -> Path:
    """Write the whole configuration of an nginx of one's own into `folder`; return the file.

    `account` is who its workers run as when root starts it: somebody who can enter `folder` and
    read `site.files`. Nobody else's configuration is read, and nothing is written elsewhere but the
    pages of errors, into `site.files`.
    """
    write_pages(site)
    temporary = folder / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    temporary.chmod(0o755)
    file = folder / "nginx.conf"
    file.write_text(_whole(site, folder=folder, account=account, workers=workers))
    return file


def _whole(site: Site, *, folder: Path, account: str, workers: int | str) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    where = _word(str(folder))
    temporary = [f'    {kind}_temp_path "{where}/temporary/{kind}";' for kind in kinds]
    lines = [
        *([f"user {account} {_group_of(account)};"] if account else []),
        f'pid "{where}/nginx.pid";',
        f'error_log "{_word(site.error_log)}" warn;',
        f"worker_processes {workers};",
        "pcre_jit on;",
        # Those of before a reload have so long to finish what they began.
        "worker_shutdown_timeout 60s;",
        "events { worker_connections 4096; }",
        "http {",
        *temporary,
        "    server_names_hash_bucket_size 128;",
        render(replace(site, cache=folder / "cache")),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _group_of(account: str) -> str:
    return grp.getgrgid(pwd.getpwnam(account).pw_gid).gr_name


def main(arguments: Sequence[str]) -> int:
    """Print the configuration for /etc/nginx/conf.d/, and write the pages that it names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.nginx.site", description=__doc__)
    parser.add_argument("--browse", action="append", required=True, metavar="HOST:PORT")
    parser.add_argument("--order", action="append", default=[], metavar="HOST:PORT")
    parser.add_argument("--names", default="localhost", help="as in ALLOWED_HOSTS")
    parser.add_argument("--listen", default="80", help="for TLS: '443 ssl' (tls.conf.example)")
    parser.add_argument(
        "--public-port",
        type=int,
        help="the visitors' port, where it is not nginx's (a container, a tunnel)",
    )
    parser.add_argument("--files", type=Path, required=True, help="the DATA_DIR of the shop")
    parser.add_argument(
        "--cache", type=Path, default=Site.cache, help="where pages for everybody are kept"
    )
    parser.add_argument("--no-throttle", action="store_true")
    asked = parser.parse_args(arguments)
    site = Site(
        browse=asked.browse,
        order=asked.order,
        names=asked.names.split(","),
        listen=asked.listen,
        public_port=asked.public_port,
        files=asked.files.resolve(),
        cache=asked.cache,
        throttle=not asked.no_throttle,
    )
    try:
        write_pages(site)
    except OSError as error:
        raise SystemExit(f"The pages of errors cannot be written: {error}") from error
    sys.stdout.write(render(site))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
