"""Which IP addresses an outgoing request may reach: the public internet, and what the operator allows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from shared.errors import ConfigError, Problem

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# Networks that `is_global` lets through on some Python versions, or that hide another address inside.
_REFUSED: Final[tuple[tuple[Network, str], ...]] = tuple(
    (ip_network(network), reason)
    for network, reason in (
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("168.63.129.16/32", "cloud metadata"),
        ("192.0.0.0/24", "IETF protocol assignments"),
        ("192.88.99.0/24", "6to4 relay"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "Teredo"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")  # the only IPv6 block handed out to the public internet


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks such as `127.0.0.0/8` or `10.1.2.3` as the operator writes them.

    Raises:
        ConfigError: some are no networks; all of them are named.
    """
    networks: list[Network] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            networks.append(ip_network(text.strip()))
        except ValueError as error:
            hint = "write a network such as 10.0.0.0/8 or fd00::/8"
            problems.append(Problem("allow_networks", 0, f"{text!r} is no network: {error}", hint))
    if problems:
        raise ConfigError(problems)
    return tuple(networks)


def refusal(address: str, allowed: Sequence[Network] = ()) -> str | None:
    """Why `address` may not be connected to, or None when it may.

    An address inside an `allowed` network passes whatever it is. IPv6 forms that carry an IPv4 address are
    refused as such, so that they cannot smuggle a private one past the check.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return "not an IP address"
    if any(ip in network for network in allowed):
        return None
    return _hidden(ip) or _special(ip)


def _hidden(ip: Address) -> str | None:
    return next((reason for network, reason in _REFUSED if ip in network), None)


def _special(ip: Address) -> str | None:
    if ip.is_loopback:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    if ip.is_multicast:
        return "multicast"
    if not ip.is_global or (isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST):
        return "not a public address"
    return None
