"""Fetches feeds and pages through the guarded HTTP client, politely: robots.txt, one request a host at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import httpx

from services.ingest.adapters.hosts import HostGate
from services.ingest.adapters.robots import Robots
from services.ingest.freshness import feed_says, stays_fresh, wait_asked
from services.ingest.politeness import Etiquette
from services.ingest.ports import PLAIN, Ask, Page
from shared.clock import Clock
from shared.errors import PermanentError, TransientError
from shared.http import AddressBlocked, BadReply, BadRequest, HttpClient, Reply, TimedOut, TooLarge
from shared.http.redirect import Hop, next_hop

MAX_BYTES: Final = 15 * 1024 * 1024
TIMEOUT: Final = 20.0  # seconds for the whole exchange, redirects included, waiting for turns not
REDIRECTS: Final = 5
ACCEPT: Final = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
LONGEST_HOLD: Final = timedelta(hours=1)
"""Time for which a host's Retry-After holds for all of its sources; a single source may wait longer."""
_GONE: Final = frozenset({404, 410, 451})
_LATER: Final = frozenset({408, 425, 429})
_HOST_BUSY: Final = frozenset({429, 503})


class GuardedFetch:
    """See `Fetch`."""

    def __init__(
        self,
        client: HttpClient,
        clock: Clock,
        *,
        gate: HostGate | None = None,
        etiquette: Etiquette | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """`gate` and `etiquette` are those of the configured sources; without them the defaults hold."""
        self._timeout = timeout
        self._client, self._clock = client, clock
        self._etiquette = etiquette or Etiquette()
        self._gate = gate or HostGate(clock, self._etiquette.gap, self._etiquette.is_shared, None)
        self._robots = Robots(self._robots_txt, clock)

    async def __call__(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, ask: Ask = PLAIN
    ) -> Page | None:
        """See `Fetch`."""
        return await self.errand()(url, etag=etag, last_modified=last_modified, ask=ask)

    def errand(self) -> PoliteErrand:
        """Fetching for one poll."""
        return PoliteErrand(self, self._clock)

    async def ask(self, url: str, headers: Mapping[str, str], ask: Ask = PLAIN) -> Reply:
        """The reply to a request, redirects followed; each hop is checked and waits for its turn like the first.

        Raises:
            TransientError: no answer.
            PermanentError: refused by our own rules, or by robots.txt.
        """
        try:
            told = {name.lower(): value for name, value in ask.headers.items()}
            return await self._follow(Hop(ask.method, httpx.URL(url), {"accept": ACCEPT, **told, **headers}, ask.body))
        except (AddressBlocked, BadRequest, TooLarge) as error:
            raise PermanentError("refused", str(error)) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise PermanentError("refused", "not a valid URL") from error

    def read(self, reply: Reply) -> Page | None:
        """The page, or None when it has not changed.

        Raises:
            TransientError, PermanentError: see `Fetch`.
        """
        if reply.status == 304:
            return None
        if reply.status == 200:
            header = reply.headers.get
            kind, marks = header("content-type", ""), (header("etag"), header("last-modified"))
            return Page(reply.url, reply.body, kind, *marks, at=self._clock.now())
        if reply.status in _LATER or reply.status >= 500:
            wait = wait_asked(reply.headers, self._clock.now())
            raise TransientError(f"HTTP {reply.status}", retry_after=wait.total_seconds() if wait else None)
        raise PermanentError("gone" if reply.status in _GONE else "refused", f"HTTP {reply.status}")

    async def _follow(self, hop: Hop) -> Reply:
        left = self._timeout
        for _ in range(REDIRECTS + 1):
            reply, took = await self._polite(hop, left)
            left -= took
            following = next_hop(hop, reply.status, reply.headers.get("location"))
            if following is None:
                return reply
            hop = following
        raise BadReply(hop.url.host, f"more than {REDIRECTS} redirects")

    async def _polite(self, hop: Hop, left: float) -> tuple[Reply, float]:
        """One hop, and the seconds it took without waiting."""
        if left <= 0:
            raise TimedOut(hop.url.host, "redirects take too long")
        delay = 0.0
        if hop.url.host and not self._etiquette.ignores_robots(hop.url.host):
            delay = await self._robots.check(site(hop.url), str(hop.url))
        async with self._gate.turn(hop.url.host, at_least=delay):
            began = asyncio.get_running_loop().time()
            reply = await self._client.request(
                hop.method,
                str(hop.url),
                headers=hop.headers,
                content=hop.content,
                max_bytes=MAX_BYTES,
                total_timeout=left,
                whole=True,
            )
            self._obey(hop.url.host, reply)
        return reply, asyncio.get_running_loop().time() - began

    def _obey(self, host: str, reply: Reply) -> None:
        """A host that is overrun is left alone by all its sources."""
        wait = wait_asked(reply.headers, self._clock.now()) if reply.status in _HOST_BUSY else None
        if wait:
            self._gate.leave_alone(host, min(wait, LONGEST_HOLD))

    async def _robots_txt(self, url: str, *, max_bytes: int) -> Reply:
        async with self._gate.turn(httpx.URL(url).host):
            return await self._client.request(
                "GET", url, max_bytes=max_bytes, total_timeout=self._timeout, follow_redirects=REDIRECTS
            )


class PoliteErrand:
    """See `Errand`."""

    def __init__(self, fetch: GuardedFetch, clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self.requests = 0
        self.fresh_for: timedelta | None = None

    async def __call__(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, ask: Ask = PLAIN
    ) -> Page | None:
        """See `Fetch`."""
        validators = {"if-none-match": etag, "if-modified-since": last_modified}
        reply = await self._fetch.ask(url, {name: value for name, value in validators.items() if value}, ask)
        self.requests += 1
        page = self._fetch.read(reply)
        self._note(reply)
        return page

    def _note(self, reply: Reply) -> None:
        """Both the server and the feed may say how long they stay as they are: the longer holds for this answer."""
        said = [stays_fresh(reply.headers, self._clock.now()), feed_says(reply.body)]
        longest = max((span for span in said if span is not None), default=None)
        if longest is not None:
            self.fresh_for = longest if self.fresh_for is None else min(self.fresh_for, longest)


def site(url: httpx.URL) -> str:
    """Scheme, host and port of an address: that which a robots.txt is about."""
    return str(url.copy_with(raw_path=b"/", fragment=None, userinfo=b"")).rstrip("/")
