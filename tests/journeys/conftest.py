"""What the journeys share."""

from tests.journeys.browser import chromium, faults, started

__all__ = ["chromium", "faults", "started"]
