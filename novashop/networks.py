"""Settings that name addresses and networks."""

import ipaddress
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_of(setting: str, places: Sequence[str]) -> list[Network]:
    """Return what a setting names. Raises ImproperlyConfigured."""
    try:
        return [ipaddress.ip_network(place.strip()) for place in places]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{setting} has {error}; it takes addresses and networks like 10.0.0.0/8"
        ) from error
