"""compose.yaml and the Dockerfile: what must be true of them whatever Docker is used."""

import re
import stat
from typing import Any

import pytest

from deploy.docker import healthy
from deploy.stack.plan import WORKERS
from shop.events.actions import QUEUES
from shop.ops.demo_people import ACCOUNTS
from shop.ops.demo_people import PASSWORD as DEMO_PASSWORD
from shop.ops.management.commands.serve import LONGEST_DRAIN
from shop.ops.serving import SECONDS_TO_CLOSE
from tests.docker import smoke
from tests.docker.composition import (
    COMPOSE,
    DOCKERFILE,
    ROOT,
    base_images,
    composition,
    instructions,
    of_the_shop,
    ours,
    services,
    settings_in_example,
    stage,
)

pytestmark = pytest.mark.once

# Of the developer; and what the images say themselves.
NOT_PASSED_ON = {"DEBUG", "DATA_DIR"}
# https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
OF_A_STANDARD = {"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME"}
# What the official images document. https://hub.docker.com/_/postgres, _/mariadb, _/nginx, and
# https://grafana.com/docs/grafana/latest/setup-grafana/configure-docker/
OF_OTHERS = {
    "postgresql": {
        "POSTGRES_USER",
        "POSTGRES_DB",
        "POSTGRES_PASSWORD_FILE",
        "POSTGRES_INITDB_ARGS",
    },
    "mysql": {
        "MARIADB_USER",
        "MARIADB_DATABASE",
        "MARIADB_PASSWORD_FILE",
        "MARIADB_ROOT_PASSWORD_FILE",
        "MARIADB_ROOT_HOST",
        "MARIADB_AUTO_UPGRADE",
    },
    "nginx": {"NGINX_ENTRYPOINT_QUIET_LOGS"},
    "rabbitmq": {"RABBITMQ_CONFIG_FILE"},
    # Of the server, each the name of one of its settings: https://hub.docker.com/r/apache/kafka
    "kafka": {
        f"KAFKA_{name}"
        for name in (
            *("NODE_ID", "PROCESS_ROLES", "LISTENERS", "ADVERTISED_LISTENERS", "LOG_DIRS"),
            *("CONTROLLER_LISTENER_NAMES", "LISTENER_SECURITY_PROTOCOL_MAP", "HEAP_OPTS"),
            *("CONTROLLER_QUORUM_VOTERS", "NUM_PARTITIONS", "OFFSETS_TOPIC_REPLICATION_FACTOR"),
            *("TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "TRANSACTION_STATE_LOG_MIN_ISR"),
        )
    },
    "grafana": {
        "GF_SECURITY_ADMIN_PASSWORD__FILE",
        "GF_ANALYTICS_REPORTING_ENABLED",
        "GF_ANALYTICS_CHECK_FOR_UPDATES",
    },
}
ONCE = {"migrate", "secrets", "tools"}


def test_the_shop_is_whole() -> None:
    assert set(ours()) == {"nginx", "secrets", *of_the_shop()}
    assert set(of_the_shop()) == {
        *("browse", "order", "relay", "worker", "worker-mail"),
        *("migrate", "tools"),
    }
    assert set(services()) - set(ours()) == {
        "postgresql",
        "mysql",
        "redis",
        "rabbitmq",
        "kafka",
        "prometheus",
        "grafana",
    }
    assert "version" not in composition()


def test_what_is_not_asked_for_does_not_start() -> None:
    profiles = {name: service.get("profiles", []) for name, service in services().items()}
    assert {name: asked for name, asked in profiles.items() if asked} == {
        "mysql": ["mysql"],
        "kafka": ["kafka"],
        "tools": ["tools"],
        "prometheus": ["monitoring"],
        "grafana": ["monitoring"],
    }


# --- What a container can do ---


@pytest.mark.parametrize("name", services())
def test_no_container_can_do_more_than_it_must(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    # In memory, and not in all of it.
    assert service["tmpfs"][0] == "/tmp:size=256m"  # noqa: S108
    assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & set(service)


def test_nobody_is_root() -> None:
    for name in ("shop", "front"):
        (user,) = (line.split()[1] for line in stage(name) if line.startswith("USER "))
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
        # Whatever comes after it may be done by that user.
        rest = stage(name)[stage(name).index(f"USER {user}") :]
        assert not [line for line in rest if line.startswith(("RUN", "COPY", "ADD"))]
    # Who adds programs to the shop's image is somebody else again afterwards.
    assert [line for line in stage("tools") if line.startswith("USER ")][-1] == "USER 10001:10001"
    users = {name: service.get("user") for name, service in services().items()}
    # Those of Prometheus and Grafana run as users of their own by themselves.
    assert {name: user for name, user in users.items() if user} == {
        "postgresql": "postgres",
        "mysql": "mysql",
        "redis": "redis",
        "rabbitmq": "rabbitmq",
        "kafka": "appuser",
    }


def test_only_the_front_is_let_in_from_outside() -> None:
    ports = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert ports == {
        "nginx": ["${BIND:-127.0.0.1}:${PORT:-8080}:8080"],
        "prometheus": ["127.0.0.1:${PROMETHEUS_PORT:-9090}:9090"],
        "grafana": ["127.0.0.1:${GRAFANA_PORT:-3000}:3000"],
    }
    assert composition()["networks"]["back"] == {"internal": True}
    assert {name for name, one in services().items() if one.get("networks") == ["back"]} == {
        "postgresql",
        "mysql",
        "redis",
        "rabbitmq",
        "kafka",
    }
    assert services()["nginx"]["networks"] == ["front"]


# --- Secrets ---


def test_no_secret_is_written_down() -> None:
    for path in (COMPOSE, DOCKERFILE, ROOT / "deploy" / "docker" / "mysql.env"):
        assert not re.findall(r"://\w+:[^@{}\s]+@", path.read_text())
    for name, service in services().items():
        for setting, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN|KEY", setting):
                assert value is None or str(value).startswith("/run/novashop/"), (name, setting)
    assert not [line for line in instructions() if re.search("PASSWORD|SECRET|TOKEN", line)]


def test_what_is_kept_in_folders_of_ours_stays_out_of_the_images() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    # Nothing goes in that is not named, and no test, whatever is named.
    assert rules[0] == "**"
    assert "**/tests" in rules
    named = {line[1:] for line in rules if line.startswith("!")}
    assert named == {
        "manage.py",
        "deploy/__init__.py",
        "deploy/docker",
        "deploy/nginx",
        "deploy/requirements/*.txt",
        "novashop",
        "shop",
    }
    assert all(list(ROOT.glob(path)) for path in named)


# --- Settings ---


@pytest.mark.parametrize("name", of_the_shop())
def test_every_setting_of_the_shop_reaches_it(name: str) -> None:
    known = settings_in_example() - NOT_PASSED_ON
    assert set(of_the_shop()[name]["environment"]) == known | OF_A_STANDARD


@pytest.mark.parametrize("name", sorted(set(services()) - set(of_the_shop())))
def test_every_other_setting_is_one_that_its_image_knows(name: str) -> None:
    given = set(services()[name].get("environment", {}))
    by_ours = _read_by_entrypoint() if name == "nginx" else set()
    assert given <= by_ours | OF_OTHERS.get(name, set())


def _read_by_entrypoint() -> set[str]:
    text = (ROOT / "deploy" / "docker" / "16-novashop.envsh").read_text()
    return set(re.findall(r"\$\{([A-Z_]+):-", text))


def test_the_shop_and_nginx_are_told_of_the_same_hosts() -> None:
    hosts = {
        service["environment"]["ALLOWED_HOSTS"] for service in [*of_the_shop().values(), _nginx()]
    }
    assert hosts == {"127.0.0.1,localhost,[::1]${ALLOWED_HOSTS:+,}${ALLOWED_HOSTS:-}"}
    for name in ("HTTPS", "THROTTLE"):
        assert _nginx()["environment"][name] is services()["browse"]["environment"][name] is None


def _nginx() -> dict[str, Any]:
    return services()["nginx"]


# --- Versions ---


def test_every_image_from_elsewhere_is_pinned_to_one_version() -> None:
    found = base_images()
    assert {image.partition(":")[0] for image in found} == {
        "python",
        "nginx",
        "postgres",
        "mariadb",
        "redis",
        "rabbitmq",
        "apache/kafka",
        "prom/prometheus",
        "grafana/grafana",
    }
    for image in found:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.?\d*(-[\w.-]+)?", image), image


def test_the_packages_are_a_list_with_hashes() -> None:
    (path,) = re.findall(r"^ARG REQUIREMENTS=(\S+)", DOCKERFILE.read_text(), flags=re.MULTILINE)
    assert "--hash=sha256:" in (ROOT / path).read_text()
    (install,) = (line for line in stage("build") if "pip" in line and "install" in line)
    assert {"--require-hashes", "--no-deps"} <= set(install.split())


# --- Health, and the way out ---


@pytest.mark.parametrize("name", sorted(set(services()) - ONCE))
def test_every_container_that_stays_says_how_it_is(name: str) -> None:
    service = services()[name]
    assert service["restart"] == "unless-stopped"
    if name not in ours():
        assert service["healthcheck"]["test"][0] == "CMD"
        return
    target = "front" if name == "nginx" else "shop"
    assert len([line for line in stage(target) if line.startswith("HEALTHCHECK ")]) == 1


def test_each_image_of_ours_is_built_once_and_sought_nowhere_else() -> None:
    built = {name: one["build"]["target"] for name, one in ours().items() if "build" in one}
    assert built == {"nginx": "front", "secrets": "shop"}
    assert {name for name, one in ours().items() if one.get("pull_policy") == "never"} == (
        set(ours()) - set(built)
    )


def test_the_one_who_asks_asks_where_the_shop_listens() -> None:
    (serve,) = (line for line in stage("shop") if line.startswith("CMD "))
    assert f'"--port", "{healthy.PORT}"' in serve
    for name in ("relay", "worker", "worker-mail"):
        assert services()[name]["command"][-2:] == ["--port", str(healthy.PORT)]
    assert f"EXPOSE {healthy.PORT}" in stage("shop")


def test_nobody_is_killed_who_is_still_leaving() -> None:
    (serve,) = (line for line in stage("shop") if line.startswith("CMD "))
    found = re.search(r'"--drain", "(\d+)"', serve)
    assert found
    longest = int(found[1]) + SECONDS_TO_CLOSE
    assert longest < LONGEST_DRAIN
    for name in ("browse", "order", "relay", "worker", "worker-mail"):
        assert int(services()[name]["stop_grace_period"].rstrip("s")) > longest
    # What nginx has passed on may take this long (proxy_read_timeout).
    assert int(_nginx()["stop_grace_period"].rstrip("s")) > 40
    assert "STOPSIGNAL SIGQUIT" in stage("front")
    assert "STOPSIGNAL SIGTERM" in stage("shop")


def test_orders_have_the_processors_before_those_who_look_around() -> None:
    names = ("order", "browse", "relay", "worker", "worker-mail")
    # Who says nothing has 1024.
    shares = {name: int(services()[name].get("cpu_shares", 1024)) for name in names}
    assert shares["order"] == 3 * shares["browse"]
    assert {shares["browse"] // shares[name] for name in ("relay", "worker", "worker-mail")} == {3}


def test_nobody_serves_before_the_shop_is_prepared() -> None:
    for name in ("browse", "order", "relay", "worker", "worker-mail"):
        condition = services()[name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"
    waiting = services()["migrate"]["depends_on"]
    assert waiting["secrets"]["condition"] == "service_completed_successfully"
    for database in ("postgresql", "mysql"):
        assert waiting[database] == {"condition": "service_healthy", "required": False}


# --- What is kept ---


def test_every_queue_has_workers_and_the_broker_keeps_its_name() -> None:
    queues = [services()[name]["command"][2] for name in ("worker", "worker-mail")]
    assert queues == list(QUEUES) == list(WORKERS.values())
    # Its data lie below the name of its machine, which is the container's otherwise.
    assert services()["rabbitmq"]["hostname"] == "rabbitmq"
    # Orders do not wait for it.
    assert not any("rabbitmq" in one.get("depends_on", {}) for one in services().values())


def test_whatever_is_written_and_must_stay_is_in_a_volume() -> None:
    assert _writable("browse") == {"/var/lib/novashop", "/var/lib/novashop/media"}
    assert _writable("migrate") == _writable("browse") | {"/var/lib/novashop/static"}
    assert _writable("secrets") == {"/run/novashop"}
    assert _writable("nginx") == _writable("redis") == set()
    for server in ("postgresql", "mysql", "rabbitmq", "kafka"):
        assert len(_writable(server)) == 1
    used = {
        volume.split(":")[0] for one in services().values() for volume in one.get("volumes", [])
    }
    assert {name for name in used if not name.startswith(".")} == set(composition()["volumes"])


def _writable(name: str) -> set[str]:
    found = [volume.split(":") for volume in services()[name].get("volumes", [])]
    return {volume[1] for volume in found if volume[2:] != ["ro"]}


def test_what_is_mounted_is_there() -> None:
    for service in services().values():
        for volume in service.get("volumes", []):
            path = volume.split(":")[0]
            assert not path.startswith(".") or (ROOT / path).exists(), path


def test_the_entrypoint_can_be_run() -> None:
    mode = (ROOT / "deploy" / "docker" / "16-novashop.envsh").stat().st_mode
    assert mode & stat.S_IXUSR
    assert "chmod 755 /docker-entrypoint.d/16-novashop.envsh" in " ".join(stage("front"))


# --- The check itself ---


def test_the_smoke_test_signs_in_as_somebody_of_the_demo() -> None:
    assert smoke.PASSWORD == DEMO_PASSWORD
    assert smoke.SHOPPER in {account.username for account in ACCOUNTS if not account.is_staff}
