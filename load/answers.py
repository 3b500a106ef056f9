"""What the shop answered, and what is wrong with it.

A reader takes an Answer and returns what it says, or raises WrongAnswer: status and content are
looked at alike, since a page that says nonsense with a 200 is no less broken than a 500.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class WrongAnswerError(Exception):
    """The shop answered what it should not have; the message says what, in one sentence."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The shop said no where it may say so."""

    code: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A status (0 where there was no answer at all), headers by lower-case name, and a body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: str = ""

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def expect(self, *statuses: int) -> "Answer":
        """Return the answer. Raises WrongAnswerError for any other status."""
        if self.status in statuses:
            return self
        if not self.status:
            raise WrongAnswerError(f"no answer: {self.trouble}")
        wanted = " or ".join(str(status) for status in statuses)
        raise WrongAnswerError(f"{self.status} instead of {wanted}{self._problem()}")

    def json(self, status: int = 200) -> Json:
        """Return the object in the body. Raises WrongAnswerError."""
        self.expect(status)
        try:
            body = json.loads(self.body)
        except ValueError as error:
            raise WrongAnswerError("the body is not JSON") from error
        if not isinstance(body, dict):
            raise WrongAnswerError("the body is no JSON object")
        return body

    def location(self) -> str:
        """Return where the answer leads. Raises WrongAnswerError where it leads nowhere."""
        self.expect(302)
        return self.headers.get("location", "")

    @property
    def code(self) -> str:
        """The code of the API's problem, empty where the answer is none."""
        if not self.headers.get("content-type", "").startswith("application/problem+json"):
            return ""
        try:
            return str(json.loads(self.body).get("code", ""))
        except (ValueError, AttributeError):
            return ""

    def _problem(self) -> str:
        return f" ({self.code})" if self.code else ""


def check(is_right: bool, complaint: str) -> None:
    """Raise WrongAnswerError with the complaint unless it is right."""
    if not is_right:
        raise WrongAnswerError(complaint)


def created(answer: Answer) -> Json:
    """Return what was made."""
    return answer.json(201)


def created_or_no(answer: Answer) -> Json | Refusal:
    """Return what was made, or the one refusal that is right where many want the last one."""
    if answer.status == 409 and answer.code == "not_enough_stock":
        return Refusal(answer.code)
    return created(answer)
