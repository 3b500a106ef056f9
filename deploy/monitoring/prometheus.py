"""A Prometheus that runs somewhere, asked over its HTTP API."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

_SECONDS = 30


class CannotAskError(Exception):
    """The message is one sentence about why Prometheus did not answer the question."""


class Prometheus:
    """Asks one server; `url` is that of its pages."""

    def __init__(self, url: str) -> None:
        if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
            raise CannotAskError(
                f"{url!r} is not the address of a Prometheus: http://127.0.0.1:9090"
            )
        self._url = url.rstrip("/")

    def samples(self, expression: str) -> list[dict[str, Any]]:
        """Return what an expression is now: label sets with a value. Raises CannotAskError."""
        found = self._ask("query", query=expression)
        if found["resultType"] not in {"vector", "scalar"}:
            raise CannotAskError(f"it is a {found['resultType']}, and no panel can show that")
        result: list[dict[str, Any]] = found["result"]
        return result

    def rules(self) -> list[dict[str, Any]]:
        """Return every rule, with its health. Raises CannotAskError."""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def targets(self) -> list[dict[str, Any]]:
        """Return every target that is asked, with its health. Raises CannotAskError."""
        found: list[dict[str, Any]] = self._ask("targets", state="active")["activeTargets"]
        return found

    def _ask(self, what: str, **words: str) -> Any:
        address = f"{self._url}/api/v1/{what}?{urllib.parse.urlencode(words)}"
        try:
            with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise CannotAskError(_complaint(error)) from error
        except (OSError, ValueError, KeyError) as error:
            raise CannotAskError(
                f"{self._url} does not answer as Prometheus does: {error}"
            ) from error


def _complaint(error: urllib.error.HTTPError) -> str:
    """Return what Prometheus says is wrong with a question."""
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return str(error)
