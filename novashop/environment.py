"""The environment, as the settings read it: what is no such thing is refused in a sentence."""

import zoneinfo

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):  # type: ignore[misc]
    """Variables of the environment, by kind. All raise ImproperlyConfigured."""

    def whole_number(self, name: str, *, default: int, of: str = "") -> int:
        """Return the whole number `of` something that a variable names."""
        try:
            return int(self.int(name, default=default))
        except ValueError as error:
            what = f"a whole number of {of}" if of else "a whole number"
            raise ImproperlyConfigured(f"{name} must be {what}") from error

    def time_zone(self, name: str, *, default: str) -> str:
        """Return the name of a time zone that is known here."""
        zone = str(self.str(name, default=default))
        try:
            zoneinfo.ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ImproperlyConfigured(f"{name} is {zone!r}, which is no time zone here") from error
        return zone
