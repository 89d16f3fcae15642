"""The one way orewire makes HTTP requests: httpx behind a pinned-address guard, with every size and time bounded.

Proxies, cookies, netrc and environment variables play no part; redirects are followed only on demand, and each
hop is checked like the first request.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Final, Self

import httpx

from shared.http.address import parse_networks
from shared.http.body import ENCODINGS
from shared.http.failures import AddressBlocked, BadReply, BadRequest, TimedOut
from shared.http.pinning import PinningBackend, Resolve, SystemResolver
from shared.http.pools import OriginPools
from shared.http.reading import Reading, read
from shared.http.redirect import Hop, next_hop
from shared.http.translate import as_failure

CONNECT_TIMEOUT: Final = 5.0  # seconds
_TIMEOUTS: Final = httpx.Timeout(None, connect=CONNECT_TIMEOUT).as_dict()  # the rest is under the total timeout

for _library in ("httpx", "httpcore"):  # they log URLs and headers, which hold secrets, whatever our level is
    logging.getLogger(_library).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Reply:
    """What came back. Header names are lower-case; a header sent twice is joined by commas.

    `url` is that of the last hop, without user and password. `truncated` says that `body` is not all of
    it: it was too large, too slow, cut off or not decodable.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    truncated: bool


class HttpClient:
    """One client a process: it owns the TLS context and the connections, and bounds how many run at once."""

    def __init__(
        self,
        *,
        allow_networks: Iterable[str] = (),
        concurrency: int = 64,
        user_agent: str = "orewire",
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`allow_networks` are private networks that may be reached, e.g. `127.0.0.0/8`.

        Raises:
            ConfigError: one of them is no network.
        """
        networks = parse_networks(allow_networks)
        self._system = SystemResolver()
        guard = PinningBackend(resolve or self._system, networks)
        self._slots = asyncio.Semaphore(concurrency)
        self._user_agent = user_agent
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(guard, tls or httpx.create_ssl_context(trust_env=False), concurrency),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
            follow_redirects=False,
        )

    async def request(  # noqa: PLR0913 - each one names a limit the caller must be able to set
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        max_bytes: int,
        total_timeout: float = 15.0,
        follow_redirects: int = 0,
        whole: bool = False,
    ) -> Reply:
        """Send one request and read at most `max_bytes` of the decoded body.

        Once the status is known, a body that is too large, too slow or broken gives a `truncated` reply; with
        `whole` it raises instead, if the status is 2xx. `total_timeout` (seconds) covers all hops, but not the
        wait for a free slot.

        Raises:
            AddressBlocked: the host (or that of a redirect) is not on the public internet, nor allowed.
            BadRequest: the URL, method or a header is not valid.
            TimedOut, ConnectionFailed: no reply.
            BadReply: the reply is no HTTP, or redirects more than `follow_redirects` times.
            TooLarge: the body is larger than `max_bytes` (only with `whole`).
        """
        hop = _first_hop(method, url, headers or {}, content)
        async with self._slots:
            deadline = asyncio.get_running_loop().time() + total_timeout
            return await self._follow(hop, follow_redirects, Reading(max_bytes, deadline, whole))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        self._system.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _follow(self, hop: Hop, redirects: int, reading: Reading) -> Reply:
        for left in range(redirects, -1, -1):
            reply = await self._exchange(hop, reading)
            following = _following(hop, reply) if redirects else None
            if following is None:
                return reply
            if left:
                hop = following
        raise BadReply(hop.url.host, f"more than {redirects} redirects")

    async def _exchange(self, hop: Hop, reading: Reading) -> Reply:
        response = await self._send(hop, reading.deadline)
        try:
            body, missing = await read(response, reading)
        finally:
            await response.aclose()
        if missing and reading.whole and response.is_success:
            raise missing
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, body, str(hop.url.copy_with(userinfo=b"")), missing is not None)

    async def _send(self, hop: Hop, deadline: float) -> httpx.Response:
        headers = {"user-agent": self._user_agent, **hop.headers, "accept-encoding": ENCODINGS}
        try:
            request = httpx.Request(
                hop.method, hop.url, headers=headers, content=hop.content, extensions={"timeout": _TIMEOUTS}
            )
            async with asyncio.timeout_at(deadline):
                return await self._client.send(request, stream=True)
        except TimeoutError:
            raise TimedOut(hop.url.host, "no reply in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise as_failure(error, hop.url.host) from None


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport on connection pools that connect through the guard."""

    def __init__(self, guard: PinningBackend, tls: ssl.SSLContext, connections: int) -> None:
        super().__init__(verify=tls, trust_env=False)
        pools: Any = OriginPools(guard, tls, connections)
        self._pool = pools


def _first_hop(method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Hop:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise BadRequest("", "not a valid URL") from None
    _check_target(parsed)
    return Hop(method.upper(), parsed, {name.lower(): value for name, value in headers.items()}, content)


def _check_target(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https"):
        raise AddressBlocked(url.host, "only http and https are allowed")
    if not url.host:
        raise BadRequest("", "the URL names no host")
    if url.port is not None and not 0 < url.port <= 65535:
        raise BadRequest(url.host, "the URL names no port")


def _following(hop: Hop, reply: Reply) -> Hop | None:
    try:
        following = next_hop(hop, reply.status, reply.headers.get("location"))
    except (httpx.InvalidURL, ValueError):
        raise BadReply(hop.url.host, "redirects to something that is no URL") from None
    if following is not None:
        _check_target(following.url)
    return following
