"""The RabbitMQ of the distribution, without its system service. There is no wheel of it."""

import secrets
import signal
import socket
from pathlib import Path

from deploy.servers import programs
from deploy.servers.account import Account, plain_environment
from deploy.servers.programs import NotInstalledError, ServerError

HERE = "127.0.0.1"
SECONDS_TO_ANSWER = 1
# The distribution's command on the PATH becomes another user and reads /etc; this one does neither.
_SCRIPTS = ("/usr/lib/rabbitmq/bin", "/usr/local/lib/rabbitmq/bin", "/opt/rabbitmq/sbin")
USER = "novashop"
_PASSWORD = "password"  # noqa: S105  (the name of its file)
_HELLO = b"AMQP\x00\x00\x09\x01"
_SETTINGS = """\
listeners.tcp.1 = {here}:{port}
distribution.listener.interface = {here}
default_user = {user}
default_pass = {password}
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
log.console = true
log.console.level = warning
log.file = false
"""


class RabbitMQ:
    """One RabbitMQ as files below `folder`, on ports of this machine's loopback alone.

    The daemon that its node is looked up by (epmd) is its own, at a port of its own: it meets no
    other RabbitMQ of this machine. The data belong to the name of the `node`.
    """

    name = "RabbitMQ"
    stop_signal = signal.SIGTERM

    def __init__(
        self, *, folder: Path, account: Account, ports: tuple[int, int, int], node: str
    ) -> None:
        self.folder = folder
        self.account = account
        self.port, self._dist_port, self._epmd_port = ports
        self._node = node
        # Whoever else is on this machine can come to the port, too.
        self._password = _kept_password(folder) or secrets.token_urlsafe(24)
        self.url = f"amqp://{USER}:{self._password}@{HERE}:{self.port}//"
        self._program = _script("rabbitmq-server")
        self._epmd = _program("epmd")

    def install(self) -> None:
        """Write the settings; the data are made by the server itself."""
        text = _SETTINGS.format(here=HERE, port=self.port, user=USER, password=self._password)
        files = {
            "rabbitmq.conf": text,
            "enabled_plugins": "[].\n",
            _PASSWORD: self._password,
        }
        for name, content in files.items():
            file = self.folder / name
            file.touch(mode=0o600)
            file.write_text(content, encoding="utf-8")
            self.account.own(file)

    def command(self) -> list[str]:
        return [self._program]

    def environment(self) -> dict[str, str]:
        """Return what the server, and every command that is to reach it, has to know."""
        own = {
            # Its cookie lies there: whoever can read it can stop the node.
            "HOME": self.folder,
            "RABBITMQ_CONF_ENV_FILE": self.folder / "no-environment",
            "RABBITMQ_CONFIG_FILE": self.folder / "rabbitmq",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.folder / "enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": self.folder / "config",
            "RABBITMQ_LOG_BASE": self.folder / "log.d",
            "RABBITMQ_MNESIA_BASE": self.folder / "data",
            "RABBITMQ_NODENAME": f"{self._node}@localhost",
            "RABBITMQ_DIST_PORT": self._dist_port,
            "RABBITMQ_PID_FILE": self.folder / "pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
            # The script becomes the server, and does not stay to watch over it.
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_EPMD_ADDRESS": HERE,
            "ERL_EPMD_PORT": self._epmd_port,
        }
        return plain_environment(self.folder) | {name: str(value) for name, value in own.items()}

    def daemon_command(self) -> list[str]:
        """Return the command of the daemon: it has to be there before the server, and after it."""
        return [self._epmd, "-address", HERE, "-port", str(self._epmd_port)]

    def check_daemon(self) -> None:
        """Raise OSError while the daemon does not answer."""
        socket.create_connection((HERE, self._epmd_port), timeout=SECONDS_TO_ANSWER).close()

    def check(self) -> None:
        """Raise OSError or ServerError while it does not answer."""
        with socket.create_connection((HERE, self.port), timeout=SECONDS_TO_ANSWER) as probe:
            probe.sendall(_HELLO)
            answer = probe.recv(8)
        # The first frame of the protocol: a method, on the channel of the connection itself.
        if answer[:3] != b"\x01\x00\x00":
            raise ServerError(f"RabbitMQ answers {answer!r}")


def _kept_password(folder: Path) -> str:
    try:
        return (folder / _PASSWORD).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _script(name: str) -> str:
    for folder in _SCRIPTS:
        if (found := Path(folder) / name).exists():
            return str(found)
    return _program(name)


def _program(name: str) -> str:
    if found := programs.on_system(name):
        return str(found.path)
    raise NotInstalledError("RabbitMQ is not installed (on Debian and Ubuntu: rabbitmq-server)")
