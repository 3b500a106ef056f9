"""A mail server of a test's own: real SMTP on a port of this machine, and what came to it."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

# It tells of every command.
logging.getLogger("mail.log").setLevel(logging.WARNING)

# What a server says that takes nothing just now.
AWAY = "451 Come back later"


@dataclass
class Postbox:
    """What has come, in that order; with `refuses` set, nothing does."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: str = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail, as aiosmtpd asks for it."""
        if self.refuses:
            return self.refuses
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @property
    def copies(self) -> Counter[str]:
        """How often each mail has come, by its id."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    @property
    def subjects(self) -> list[str]:
        """What they are about."""
        return [str(mail["Subject"]) for mail in self.mails]


class _OnAnyPort(Controller):
    """A server on whatever port is free."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def postbox() -> Iterator[Postbox]:
    """Open a mail server, and close it."""
    box = Postbox()
    controller = _OnAnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
