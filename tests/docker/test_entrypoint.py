"""deploy/docker/16-novashop.envsh: from what people set to a configuration that nginx takes."""

import os
import re
import subprocess
from pathlib import Path
from string import Template

import pytest

from deploy.nginx import site
from deploy.nginx.site import sends_compressed
from tests.docker.composition import ENTRYPOINT, ROOT
from tests.docker.names import resolving_nginx

pytestmark = pytest.mark.once

TEMPLATES = (
    ROOT / "deploy" / "nginx" / "novashop.conf.template",
    ROOT / "deploy" / "docker" / "resolver.conf.template",
)
# The one folder of the container that can be written to.
WRITABLE = "/tmp"  # noqa: S108
# Prints what the templates are filled in with: what nginx's own entrypoint looks for in the end.
SHOW = f". {ENTRYPOINT}; env -0"


class Sourced:
    """What the file has left behind, in variables and in a folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder / "filled-in"
        self.done = subprocess.run(
            ["/bin/sh", "-ec", SHOW],
            env={
                "PATH": os.environ["PATH"],
                "RESOLVER": "127.0.0.11",
                "NGINX_ENVSUBST_OUTPUT_DIR": str(self.folder),
                **settings,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def values(self) -> dict[str, str]:
        """Return what it exports, as far as the templates may use it."""
        assert self.done.returncode == 0, self.done.stderr
        pairs = dict(line.split("=", 1) for line in self.done.stdout.split("\0") if "=" in line)
        pattern = re.compile(pairs["NGINX_ENVSUBST_FILTER"])
        return {name: value for name, value in pairs.items() if pattern.search(name)}


def test_every_name_of_the_templates_is_given_and_no_other(tmp_path: Path) -> None:
    wanted = {
        name
        for path in TEMPLATES
        for name in re.findall(r"\$\{([A-Z_]+)\}", path.read_text(encoding="utf-8"))
    }
    assert set(Sourced(tmp_path).values) == wanted


@pytest.mark.parametrize(
    ("given", "port", "scheme"),
    [
        ({}, ":8080", "$scheme"),
        ({"PUBLISHED_PORT": "9000"}, ":9000", "$scheme"),
        ({"PUBLISHED_PORT": "80"}, "", "$scheme"),
        ({"PUBLISHED_PORT": "9000", "PUBLIC_PORT": "8000"}, ":8000", "$scheme"),
        ({"PUBLISHED_PORT": "9000", "HTTPS": "on"}, "", "https"),
        ({"PUBLISHED_PORT": "9000", "HTTPS": "True"}, "", "https"),
        ({"PUBLISHED_PORT": "9000", "HTTPS": "1", "PUBLIC_PORT": "8443"}, ":8443", "https"),
        ({"PUBLISHED_PORT": "9000", "HTTPS": "off"}, ":9000", "$scheme"),
    ],
)
def test_the_port_is_the_one_that_visitors_see(
    tmp_path: Path, given: dict[str, str], port: str, scheme: str
) -> None:
    values = Sourced(tmp_path, **given).values
    assert (values["PORT"], values["SCHEME"]) == (port, scheme)


@pytest.mark.parametrize(
    ("hosts", "names"),
    [
        ("", "localhost"),
        ("127.0.0.1,localhost,[::1]", "127.0.0.1 localhost [::1]"),
        ("localhost,.example.org,shop.example.com", "localhost .example.org shop.example.com"),
        ("*", "~."),
        ("localhost,*", "localhost ~."),
    ],
)
def test_hosts_become_names_of_servers(tmp_path: Path, hosts: str, names: str) -> None:
    assert Sourced(tmp_path, ALLOWED_HOSTS=hosts).values["SERVER_NAMES"] == names


def test_app_servers_are_treated_like_those_of_any_other_nginx(tmp_path: Path) -> None:
    values = Sourced(tmp_path, BROWSE="pages:1", ORDER="orders:2").values
    patience, last_resort = f"resolve {site.PATIENCE}", f"resolve {site.LAST_RESORT}"
    backup = f"server pages:1 {last_resort};"
    assert values["BROWSE_SERVERS"] == f"server pages:1 {patience}; {backup}"
    assert values["ORDER_SERVERS"] == f"server orders:2 {patience}; {backup}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ALLOWED_HOSTS": "localhost;"}, "ALLOWED_HOSTS has a character that no name has"),
        ({"ALLOWED_HOSTS": "$host"}, "ALLOWED_HOSTS has a character that no name has"),
        ({"PUBLIC_PORT": "80a"}, "PUBLIC_PORT must be a number, and it is '80a'"),
        ({"PROXY_FROM": "10.0.0.0/8;"}, "PROXY_FROM takes addresses and networks"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    tmp_path: Path, given: dict[str, str], said: str
) -> None:
    done = Sourced(tmp_path, **given).done
    assert done.returncode == 1
    assert done.stderr.startswith(f"nginx cannot start: {said}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("proxy", ["", "10.0.0.0/8, 2001:db8::1"])
def test_nginx_takes_what_comes_of_it(tmp_path: Path, proxy: str) -> None:
    sourced = Sourced(tmp_path, PROXY_FROM=proxy, ALLOWED_HOSTS="*,shop.example.org")
    program = resolving_nginx()
    values = sourced.values | ({} if sends_compressed(program) else {"GZIP_STATIC": ""})
    for path in TEMPLATES:
        text = Template(path.read_text(encoding="utf-8")).safe_substitute(values)
        (sourced.folder / path.stem).write_text(text, encoding="utf-8")
    assert (sourced.folder / "proxy.conf").exists() == bool(proxy)
    whole = (ROOT / "deploy" / "docker" / "nginx.conf").read_text(encoding="utf-8")
    file = tmp_path / "nginx.conf"
    whole = whole.replace(f"{WRITABLE}/novashop/", f"{sourced.folder}/")
    file.write_text(whole.replace(f"{WRITABLE}/", f"{tmp_path}/"), encoding="utf-8")

    command = [str(program), "-t", "-p", str(tmp_path), "-c", str(file), "-e", "stderr"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
