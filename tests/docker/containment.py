"""What the containers of a shop cannot do, and what their images do not tell."""

import json
from typing import Any

from tests.docker.engine import CheckError, Composed, Container, docker, run

OURS = {"nginx", "browse", "order", "relay", "worker", "worker-mail"}
SHORTEST_SECRET = 16


def check(shop: Composed) -> str:
    """Look at every container. Raises CheckError."""
    found = shop.containers()
    for one in found:
        _check_settings(one)
    for one in found:
        if one.service in OURS:
            _check_from_inside(one)
    count = _check_secrets(shop, found)
    users = sorted({str(one.facts["Config"]["User"]) for one in found})
    return (
        f"{len(found)} containers, none as root ({', '.join(users)}), none can write to its image;"
        f" {count} secrets, none of them in an image, a setting or a log"
    )


def _check_settings(container: Container) -> None:
    host: dict[str, Any] = container.facts["HostConfig"]
    wrong = {
        "may write to its image": not host["ReadonlyRootfs"],
        "keeps capabilities": host["CapDrop"] != ["ALL"] or host["CapAdd"],
        "may gain privileges": "no-new-privileges:true" not in (host["SecurityOpt"] or []),
        "is root": container.facts["Config"]["User"].split(":")[0] in {"", "0", "root"},
    }
    for what, is_so in wrong.items():
        if is_so:
            raise CheckError(f"the container of {container.service} {what}")


def _check_from_inside(container: Container) -> None:
    """Ask the system itself."""
    uid = docker("exec", container.id, "id", "-u").strip()
    if uid == "0":
        raise CheckError(f"{container.service} runs as root")
    for path in ("/novashop-was-here", "/srv/novashop/novashop-was-here", "/etc/passwd"):
        done = run("docker", "exec", container.id, "sh", "-c", f"echo x >> {path}")
        if not done.status:
            raise CheckError(f"{container.service} could write {path}")


def _check_secrets(shop: Composed, found: list[Container]) -> int:
    """Look for every secret wherever others can look; return how many there are."""
    relay = next(one for one in found if one.service == "relay")
    text = docker("exec", relay.id, "sh", "-c", f"for f in $(ls /run/novashop); do {_SHOW}; done")
    text += docker("exec", relay.id, "cat", "/var/lib/novashop/secret_key")
    secrets = {line for line in text.split() if len(line) >= SHORTEST_SECRET}
    if len(secrets) < len(["key", "password", "root's", "Grafana's", "URL", "URL"]):
        raise CheckError(f"there are only {len(secrets)} secrets")
    places = {f"the log of {one.service}": _log(one) for one in found}
    places |= {f"the settings of {one.service}": json.dumps(one.facts) for one in found}
    for image in ("novashop:check", "novashop-front:check"):
        places[image] = docker("history", "--no-trunc", image) + docker("image", "inspect", image)
    for place, said in places.items():
        if any(secret in said for secret in secrets):
            raise CheckError(f"{place} tells a secret")
    return len(secrets)


def _log(container: Container) -> str:
    done = run("docker", "logs", container.id)
    return done.out + done.err


_SHOW = "cat /run/novashop/$f; echo"
