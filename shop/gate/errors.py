"""What the gate refuses."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class TooManyRequests(Refusal):
    """Somebody has done too much in too little time; `retry_after` is in seconds."""

    code: ClassVar[str] = "too_many_requests"
    retry_after: int
