"""Calling other people's servers, at addresses that somebody has typed in."""

from shop.lib.outbound.addresses import Network, is_public, may_be_called
from shop.lib.outbound.destinations import (
    LONGEST_URL,
    Destination,
    InvalidUrlError,
    Problem,
    destination_of,
)
from shop.lib.outbound.exchange import Answer, Letter, Limits, NoAnswerError, Reason, post

__all__ = [
    "LONGEST_URL",
    "Answer",
    "Destination",
    "InvalidUrlError",
    "Letter",
    "Limits",
    "Network",
    "NoAnswerError",
    "Problem",
    "Reason",
    "destination_of",
    "is_public",
    "may_be_called",
    "post",
]
