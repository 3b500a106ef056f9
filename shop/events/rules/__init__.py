"""What news is, what it may say, and when it is tried again."""

from shop.events.rules.delivery import (
    EFFECT_LEASE,
    LEASE,
    MOST_TRIES,
    News,
    Notice,
    retry_delay,
    subject_of,
)
from shop.events.rules.kinds import (
    AMOUNT,
    FLAG,
    NUMBER,
    TEXT,
    Field,
    Kind,
    PayloadMisfitError,
    UndeclaredNewsError,
    many,
    optional,
    record,
)
from shop.events.rules.own import NEWS, SET_ASIDE

__all__ = [
    "AMOUNT",
    "EFFECT_LEASE",
    "FLAG",
    "LEASE",
    "MOST_TRIES",
    "NEWS",
    "NUMBER",
    "SET_ASIDE",
    "TEXT",
    "Field",
    "Kind",
    "News",
    "Notice",
    "PayloadMisfitError",
    "UndeclaredNewsError",
    "many",
    "optional",
    "record",
    "retry_delay",
    "subject_of",
]
