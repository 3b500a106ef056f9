"""Settings of a shop that forgets at once who has written: what the guard is there for."""

from shop.lib.replicas import limits
from tests.replicas.patient import *  # noqa: F403

limits.STICKY_SECONDS = 0
