"""Resolves a host once, checks every answer, and connects to a checked address: nothing can change in between."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpcore
from httpcore import SOCKET_OPTION

from shared.http.address import Network, refusal
from shared.http.failures import AddressBlocked
from shared.http.stream import TcpStream

_MOST_ADDRESSES = 4  # of one host are tried; they share the connect timeout
_RESOLVER_THREADS = 32  # a name server that hangs holds a thread; others must go on


class Resolve(Protocol):
    """Tells the IP addresses of a host, best first."""

    def __call__(self, host: str, port: int, /) -> Awaitable[Sequence[str]]:
        """Look the host up.

        Raises:
            OSError: there is no such host, or no name server answers.
        """
        ...


class SystemResolver:
    """The resolver of this machine, in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int, /) -> Sequence[str]:
        """All addresses of the host, without repeats."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _addresses, host, port)

    def close(self) -> None:
        """Let go of the threads without waiting for a slow name server."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class PinningBackend(httpcore.AsyncNetworkBackend):
    """A network backend that never connects to an address it has not checked."""

    def __init__(self, resolve: Resolve, allowed: Sequence[Network]) -> None:
        self._resolve, self._allowed = resolve, allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that answers.

        Raises:
            AddressBlocked: one of the host's addresses must not be reached.
            httpcore.ConnectError, httpcore.ConnectTimeout: none answers.
        """
        async with _within(timeout):
            addresses = await self._checked(host, port)
        share = timeout / len(addresses) if timeout else None
        for address in addresses[:-1]:
            try:
                return await self._connect(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._connect(addresses[-1], port, share, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refused: a request leaves by TCP or not at all."""
        raise AddressBlocked("", "unix sockets are not allowed")

    async def sleep(self, seconds: float) -> None:
        """Wait between connection retries."""
        await self._network.sleep(seconds)

    async def _connect(self, *where: Any) -> httpcore.AsyncNetworkStream:
        return TcpStream(await self._network.connect_tcp(*where))

    async def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("name cannot be resolved") from error
        if not addresses:
            raise httpcore.ConnectError("name has no address")
        for address in addresses:
            if reason := refusal(address, self._allowed):
                raise AddressBlocked(host, f"address is refused ({reason})")
        return list(addresses[:_MOST_ADDRESSES])


@asynccontextmanager
async def _within(seconds: float | None) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise httpcore.ConnectTimeout("name is not resolved in time") from None
