"""The RabbitMQ of the distribution, without its system service. There is no wheel of it."""

import contextlib
import signal
import socket
import subprocess
from pathlib import Path

from deploy.servers import programs
from deploy.servers.account import Account, plain_environment
from deploy.servers.programs import NotInstalledError, ServerError

HERE = "127.0.0.1"
SECONDS_TO_ANSWER = 1
# The distribution's command on the PATH becomes another user and reads /etc; this one does neither.
_SCRIPTS = ("/usr/lib/rabbitmq/bin", "/usr/local/lib/rabbitmq/bin", "/opt/rabbitmq/sbin")
_HELLO = b"AMQP\x00\x00\x09\x01"
_SETTINGS = """\
listeners.tcp.1 = {here}:{port}
distribution.listener.interface = {here}
loopback_users.guest = true
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
log.console = true
log.console.level = warning
log.file = false
"""


class RabbitMQ:
    """One RabbitMQ as files below `folder`, on ports of this machine's loopback alone.

    Its node has a name of its own, and the daemon that such nodes are looked up by (epmd) a port of
    its own: it meets no other RabbitMQ of this machine.
    """

    name = "RabbitMQ"
    stop_signal = signal.SIGTERM

    def __init__(self, *, folder: Path, account: Account, ports: tuple[int, int, int]) -> None:
        self.folder = folder
        self.account = account
        self.port, self._dist_port, self._epmd_port = ports
        self.url = f"amqp://guest:guest@{HERE}:{self.port}//"
        self._program = _script("rabbitmq-server")

    def install(self) -> None:
        """Write the settings; the data are made by the server itself."""
        settings = self.folder / "rabbitmq.conf"
        settings.write_text(_SETTINGS.format(here=HERE, port=self.port), encoding="utf-8")
        plugins = self.folder / "enabled_plugins"
        plugins.write_text("[].\n", encoding="utf-8")
        for file in (settings, plugins):
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
            "RABBITMQ_NODENAME": f"novashop-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": self._dist_port,
            "RABBITMQ_PID_FILE": self.folder / "pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
            "ERL_EPMD_ADDRESS": HERE,
            "ERL_EPMD_PORT": self._epmd_port,
        }
        return plain_environment(self.folder) | {name: str(value) for name, value in own.items()}

    def end_daemon(self) -> None:
        """End the daemon that the node has left behind; it goes only when no node needs it."""
        if daemon := programs.on_system("epmd"):
            command = [str(daemon.path), "-port", str(self._epmd_port), "-kill"]
            with contextlib.suppress(subprocess.CalledProcessError):
                self.account.run(command, folder=self.folder)

    def check(self) -> None:
        """Raise OSError or ServerError while it does not answer."""
        with socket.create_connection((HERE, self.port), timeout=SECONDS_TO_ANSWER) as probe:
            probe.sendall(_HELLO)
            answer = probe.recv(8)
        # The first frame of the protocol: a method, on the channel of the connection itself.
        if answer[:3] != b"\x01\x00\x00":
            raise ServerError(f"RabbitMQ answers {answer!r}")


def _script(name: str) -> str:
    for folder in _SCRIPTS:
        if (found := Path(folder) / name).exists():
            return str(found)
    if found_program := programs.on_system(name):
        return str(found_program.path)
    raise NotInstalledError("RabbitMQ is not installed (on Debian and Ubuntu: rabbitmq-server)")
