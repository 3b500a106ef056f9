"""What others need to know of somebody before they act for them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an account may act, and which of its tokens count."""

    is_active: bool
    token_version: int
