"""A connection pool for each origin, instead of one for all: httpcore walks through every connection of a pool at
each request, so one pool for hundreds of hosts spends most of its time on that.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import httpcore

KEEPALIVE: Final = 20.0  # seconds an idle connection is kept
SWEPT: Final = 4  # pools looked at for each request: enough to close more than are opened


@dataclass
class _Pool:
    """`used_at` is on the event loop's clock."""

    connections: httpcore.AsyncConnectionPool
    used_at: float


class OriginPools:
    """Hands each request to the pool of its scheme, host and port; closes pools that have been idle for a while."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext, connections: int) -> None:
        """`connections` is the most to one origin; how many there are altogether is the caller's business."""
        self._backend, self._tls, self._most = backend, tls, connections
        self._pools: OrderedDict[tuple[bytes, bytes, int | None], _Pool] = OrderedDict()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send the request."""
        now = asyncio.get_running_loop().time()
        origin = (request.url.scheme, request.url.host, request.url.port)
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = _Pool(self._new(), now)
        pool.used_at = now
        self._pools.move_to_end(origin)
        for idle in self._idle(now):
            await idle.connections.aclose()
        return await pool.connections.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        pools, self._pools = self._pools, OrderedDict()
        for pool in pools.values():
            await pool.connections.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    def _new(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=self._most,
            max_keepalive_connections=self._most,
            keepalive_expiry=KEEPALIVE,
            network_backend=self._backend,
        )

    def _idle(self, now: float) -> list[_Pool]:
        """Take out pools that were idle for longer than a connection is kept, oldest first.

        Without a pause in between: other requests do the same at the same time.
        """
        found: list[_Pool] = []
        for origin, pool in self._oldest():
            if pool.used_at > now - KEEPALIVE:
                break
            if all(connection.is_idle() or connection.is_closed() for connection in pool.connections.connections):
                found.append(self._pools.pop(origin))
            else:  # its request is under way for long: look at it later
                self._pools.move_to_end(origin)
        return found

    def _oldest(self) -> list[tuple[tuple[bytes, bytes, int | None], _Pool]]:
        return [pair for pair, _ in zip(self._pools.items(), range(SWEPT), strict=False)]
