"""What the journeys share."""

from tests.journeys.browser import chromium, faults

__all__ = ["chromium", "faults"]
