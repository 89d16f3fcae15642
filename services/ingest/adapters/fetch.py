"""Fetches feeds and pages through the guarded HTTP client."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Final

from services.ingest.ports import PLAIN, Ask, Page
from shared.clock import Clock
from shared.errors import PermanentError, TransientError
from shared.http import AddressBlocked, BadRequest, HttpClient, Reply, TooLarge

MAX_BYTES: Final = 5 * 1024 * 1024
TIMEOUT: Final = 15.0  # seconds for the whole exchange
REDIRECTS: Final = 5
ACCEPT: Final = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
_GONE: Final = frozenset({404, 410, 451})
_LATER: Final = frozenset({408, 425, 429})


class GuardedFetch:
    """See `Fetch`."""

    def __init__(self, client: HttpClient, clock: Clock) -> None:
        self._client, self._clock = client, clock

    async def __call__(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, ask: Ask = PLAIN
    ) -> Page | None:
        """See `Fetch`."""
        headers = {"accept": ACCEPT, **{name.lower(): value for name, value in ask.headers.items()}}
        if etag:
            headers["if-none-match"] = etag
        if last_modified:
            headers["if-modified-since"] = last_modified
        try:
            reply = await self._client.request(
                ask.method,
                url,
                headers=headers,
                content=ask.body,
                max_bytes=MAX_BYTES,
                total_timeout=TIMEOUT,
                follow_redirects=REDIRECTS,
                whole=True,
            )
        except (AddressBlocked, BadRequest, TooLarge) as error:
            raise PermanentError("refused", str(error)) from error
        return self._page(reply)

    def _page(self, reply: Reply) -> Page | None:
        if reply.status == 304:
            return None
        if reply.status == 200:
            header = reply.headers.get
            kind, marks = header("content-type", ""), (header("etag"), header("last-modified"))
            return Page(reply.url, reply.body, kind, *marks, at=self._clock.now())
        if reply.status in _LATER or reply.status >= 500:
            raise TransientError(f"HTTP {reply.status}", retry_after=self._wait(reply.headers.get("retry-after")))
        raise PermanentError("gone" if reply.status in _GONE else "refused", f"HTTP {reply.status}")

    def _wait(self, retry_after: str | None) -> float | None:
        """Seconds to wait, from either form of Retry-After."""
        if not retry_after:
            return None
        if retry_after.strip().isdecimal():
            return float(retry_after.strip()[:9])
        try:
            return max(0.0, (parsedate_to_datetime(retry_after) - self._clock.now()).total_seconds())
        except (ValueError, TypeError):
            return None
