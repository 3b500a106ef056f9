"""nginx in front: its configuration file, written from what stack.json says."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.nginx.site import Site, sends_compressed, write_private
from deploy.servers.programs import ServerError

_ON = {"1", "on", "true", "yes", "y", "ok"}


def write_configuration(facts: Mapping[str, Any], *, logs: Path) -> None:
    """Write nginx.conf, and make the folders that it names; raises ServerError when it is wrong."""
    nginx = facts["nginx"]
    file = Path(nginx["configuration"])
    write_private(_site(facts, logs=logs), folder=file.parent, account=nginx["account"])
    test = [nginx["program"], "-t", "-q", "-p", str(file.parent), "-c", str(file), "-e", "stderr"]
    done = subprocess.run(test, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise ServerError(f"nginx does not take its configuration:\n{done.stderr}")


def _site(facts: Mapping[str, Any], *, logs: Path) -> Site:
    shop = facts["environment"]
    nginx = facts["nginx"]
    is_https = shop.get("HTTPS", "").casefold() in _ON
    return Site(
        listen=nginx["listen"],
        # Something before this nginx takes https off then, at the port that https has.
        public_port=443 if is_https else None,
        names=shop["ALLOWED_HOSTS"].split(","),
        browse=_addresses(facts, lane="browse"),
        order=_addresses(facts, lane="order"),
        files=Path(shop["DATA_DIR"]),
        throttle=shop["THROTTLE"].casefold() in _ON,
        scheme="https" if is_https else "$scheme",
        gzip_static=sends_compressed(nginx["program"]),
        access_log=str(logs / "access.log"),
        error_log="stderr",
    )


def _addresses(facts: Mapping[str, Any], *, lane: str) -> list[str]:
    return [f"127.0.0.1:{app['port']}" for app in facts["apps"] if app["lane"] == lane]
