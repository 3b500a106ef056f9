"""What somebody asked for on the command line: read, or refused in one sentence."""

from dataclasses import dataclass

from deploy.stack.refusals import CannotStartError

HERE = "127.0.0.1"
MOST_APPS = 64
BROKERS = ("rabbitmq", "none")
DATABASES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mariadb",
    "mariadb": "mariadb",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the stack shall be; `database` is postgresql or mariadb, `broker` one of BROKERS."""

    host: str
    port: int
    apps: int
    database: str
    broker: str

    @classmethod
    def parse(cls, *, host: str, port: str, apps: str, database: str, broker: str) -> "Wish":
        if database not in DATABASES:
            raise CannotStartError(f"DB can be postgresql or mysql, and it is {database!r}")
        if broker not in BROKERS:
            raise CannotStartError(f"BROKER can be rabbitmq or none, and it is {broker!r}")
        return cls(
            host=host,
            port=_number("PORT", port, most=2**16 - 1),
            apps=_number("APPS", apps, most=MOST_APPS),
            database=DATABASES[database],
            broker=broker,
        )

    @property
    def reachable_host(self) -> str:
        """What a program on this machine reaches nginx by."""
        return HERE if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104

    @property
    def url(self) -> str:
        """The address to type into a browser on this machine."""
        host = self.reachable_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def _number(name: str, text: str, *, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= most):
        raise CannotStartError(f"{name} must be a number from 1 to {most}, and it is {text!r}")
    return int(text)
