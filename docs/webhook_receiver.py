"""A receiver of NovaShop's webhooks: it believes only what is signed, and does everything once.

    pip install standardwebhooks
    WEBHOOK_SECRET=whsec_… python webhook_receiver.py 9000

What it does with an event is in `handle`; the rest is what every receiver needs. It speaks plain
HTTP: put it behind the web server that has your certificate.
"""

import logging
import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

LARGEST_BODY = 1_000_000
MEMORY = os.environ.get("WEBHOOK_MEMORY", "webhooks.sqlite3")
# For a day after it was changed you may be sent signatures of both secrets; either of them will do.
VERIFIER = Webhook(os.environ["WEBHOOK_SECRET"])

log = logging.getLogger("receiver")


def handle(event: dict[str, Any]) -> None:
    """Do what is to be done. Whoever takes long writes it down here, and does it later."""
    log.info("%s %s %s", event["type"], event["subject"], event["data"])


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what was done, also to what was done before; all else comes again."""

    # Who connects and says nothing is not waited for.
    timeout = 10

    def do_POST(self) -> None:
        """Take an event."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.answer(413)
            return
        # The signature is of these very bytes: not of what JSON makes of them, and back.
        body = self.rfile.read(int(length))
        try:
            event = VERIFIER.verify(body, dict(self.headers.items()))
        except (WebhookVerificationError, ValueError) as error:
            log.warning("refused: %s", error)
            self.answer(401)
            return
        do_once(self.headers["webhook-id"], event)
        self.answer(204)

    def answer(self, status: int) -> None:
        """Send a status, and nothing else."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def do_once(message_id: str, event: dict[str, Any]) -> None:
    """Handle an event unless that was done, and remember it: both, or neither where it fails."""
    memory = sqlite3.connect(MEMORY)
    try:
        with memory:
            memory.execute("CREATE TABLE IF NOT EXISTS done (id TEXT PRIMARY KEY)")
            new = memory.execute("INSERT OR IGNORE INTO done VALUES (?)", [message_id]).rowcount
            if new:
                handle(event)
    finally:
        memory.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
