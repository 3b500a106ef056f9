"""Which addresses somebody else may have us call: those of the open net, and no others.

Whoever can name an address could otherwise reach through us what only we can reach: this machine,
its neighbours, and the services by which clouds hand out keys.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

# Where IPv6 for the open net begins and ends; all else is local, reserved, or IPv4 in disguise.
_OPEN_IPV6 = IPv6Network("2000::/3")
# IPv4 behind a translator: as public as the IPv4 address inside.
_TRANSLATED = IPv6Network("64:ff9b::/96")
# What Python, by its version, does not take for special, or what is and should not be called.
_SPECIAL = [
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # between a provider and its customers; metadata of Alibaba
        "168.63.129.16/32",  # Azure's own services, at an address that looks public
        "192.0.0.0/24",  # metadata of Oracle
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "2001::/23",  # Teredo and others that stand for something else
        "2001:db8::/32",
        "2002::/16",  # IPv4 in disguise
        "3fff::/20",
        "5f00::/16",
    )
]


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the open net, whatever it is disguised as."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    ip = _undisguised(ip)
    if isinstance(ip, IPv6Address) and ip not in _OPEN_IPV6:
        return False
    if any(ip in network for network in _SPECIAL):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def may_be_called(address: str, *, also: Collection[Network] = ()) -> bool:
    """Tell whether an IP address is public, or in one of the networks that are allowed besides."""
    return is_public(address) or is_within(address, also)


def is_within(address: str, networks: Collection[Network]) -> bool:
    """Tell whether an IP address lies in one of these networks."""
    try:
        ip = _undisguised(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return any(ip in network for network in networks)


def _undisguised(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that is meant by one of IPv6, where it is."""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in _TRANSLATED:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
