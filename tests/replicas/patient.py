"""Settings of a shop that reads from a replica however late it is: for tests that hold one back."""

from novashop.settings import *  # noqa: F403
from shop.lib.replicas import limits

limits.MAX_LAG_SECONDS = 1000.0
