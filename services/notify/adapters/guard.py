"""Lets connections out only to addresses that may be reached, for protocols that the HTTP client does not speak."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable

from shared.http import AddressBlocked, ConnectionFailed
from shared.http.address import parse_networks, refusal
from shared.http.pinning import Resolve, SystemResolver

MOST_ADDRESSES = 4
"""Of one host are tried."""


class Guard:
    """Resolves, checks every answer, and connects to a checked address."""

    def __init__(self, *, allow_networks: Iterable[str] = (), resolve: Resolve | None = None) -> None:
        """`allow_networks` are private networks that may be reached.

        Raises:
            ConfigError: one of them is no network.
        """
        self._allowed = parse_networks(allow_networks)
        self._system = SystemResolver()
        self._resolve = resolve or self._system

    async def check(self, host: str, port: int) -> list[str]:
        """The addresses of the host.

        Raises:
            AddressBlocked: one of them must not be reached.
            ConnectionFailed: there is none.
        """
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise ConnectionFailed(host, "name cannot be resolved") from None
        for address in addresses:
            if reason := refusal(address, self._allowed):
                raise AddressBlocked(host, f"address is refused ({reason})")
        if not addresses:
            raise ConnectionFailed(host, "name has no address")
        return list(addresses[:MOST_ADDRESSES])

    async def connect(self, host: str, port: int) -> socket.socket:
        """A connection to the first checked address that answers.

        Raises:
            AddressBlocked, ConnectionFailed: as for `check`, or none answers.
        """
        for address in await self.check(host, port):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            connection = socket.socket(family, socket.SOCK_STREAM)
            connection.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(connection, (address, port))
            except OSError:
                connection.close()
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        raise ConnectionFailed(host, "connection failed")

    async def aclose(self) -> None:
        """Let go of the resolver."""
        self._system.close()
