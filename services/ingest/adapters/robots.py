"""robots.txt of each site, read once a day and obeyed (RFC 9309), with protego.

When it cannot be read: a client error other than 429 means there is none, and all is allowed. A server error,
429, no connection or no answer in time means that nobody knows: nothing is fetched for ten minutes, unless
rules read less than two days ago still hold. It is cut at 512 KiB. An address that must not be reached is refused as
any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from protego import Protego

from services.ingest.freshness import stays_fresh
from shared.clock import Clock
from shared.errors import PermanentError, TransientError
from shared.http import AddressBlocked, BadRequest, HttpFailure, Reply

AGENT: Final = "orewire"
MAX_BYTES: Final = 512 * 1024
KEEP: Final = timedelta(hours=24)
KEEP_AT_LEAST: Final = timedelta(hours=1)
UNKNOWN_FOR: Final = timedelta(minutes=10)
LONGEST_DELAY: Final = 60.0
"""Seconds; a Crawl-delay beyond that is taken for this."""
KEPT: Final = 10_000
"""Sites remembered."""


class Get(Protocol):
    """Gets a reply, redirects followed, body cut where it is too large."""

    async def __call__(self, url: str, *, max_bytes: int) -> Reply:
        """The reply.

        Raises:
            HttpFailure: there is none.
        """
        ...


@dataclass(frozen=True)
class _Rules:
    """What a site said. `rules` is None when it has none; `known` is False when it could not be asked."""

    rules: Protego | None
    read_at: datetime
    until: datetime
    known: bool = True


class Robots:
    """Answers whether an address may be fetched."""

    def __init__(self, get: Get, clock: Clock) -> None:
        self._get, self._clock = get, clock
        self._sites: dict[str, _Rules] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def check(self, site: str, url: str) -> float:
        """Seconds the site wants between two requests (0: it says nothing), if `url` may be fetched.

        Args:
            site: scheme, host and port, without a slash at the end.
            url: the whole address.

        Raises:
            PermanentError: robots.txt disallows it (`robots`).
            TransientError: it cannot be known now.
            AddressBlocked, BadRequest: the site must not be reached at all.
        """
        rules = await self._rules(site)
        if not rules.known:
            wait = (rules.until - self._clock.now()).total_seconds()
            raise TransientError(f"{site}/robots.txt cannot be read, so nothing is fetched", retry_after=max(wait, 1))
        if rules.rules is None:
            return 0.0
        if not rules.rules.can_fetch(url, AGENT):
            raise PermanentError("robots", f"{site}/robots.txt disallows it; `ignore_robots: reason` overrides that")
        return min(rules.rules.crawl_delay(AGENT) or 0.0, LONGEST_DELAY)

    async def _rules(self, site: str) -> _Rules:
        async with self._locks.setdefault(site, asyncio.Lock()):
            now = self._clock.now()
            known = self._sites.get(site)
            if known is None or known.until <= now:
                self._make_room(now)
                known = self._sites[site] = await self._read(site, known)
        return known

    async def _read(self, site: str, before: _Rules | None) -> _Rules:
        now = self._clock.now()
        try:
            reply = await self._get(f"{site}/robots.txt", max_bytes=MAX_BYTES)
        except (AddressBlocked, BadRequest):
            raise
        except HttpFailure:
            return _unknown(before, now)
        if reply.status == 429 or reply.status >= 500:
            return _unknown(before, now)
        until = now + _keep(reply.headers, now)
        if not 200 <= reply.status < 300:
            return _Rules(None, now, until)
        text = reply.body.decode("utf-8", "replace")
        return _Rules(await asyncio.to_thread(Protego.parse, text), now, until)

    def _make_room(self, now: datetime) -> None:
        if len(self._sites) > KEPT:
            self._sites = {site: rules for site, rules in self._sites.items() if rules.until > now}
            self._locks = {site: lock for site, lock in self._locks.items() if lock.locked() or site in self._sites}


def _keep(headers: Mapping[str, str], now: datetime) -> timedelta:
    return max(KEEP_AT_LEAST, min(stays_fresh(headers, now) or KEEP, KEEP))


def _unknown(before: _Rules | None, now: datetime) -> _Rules:
    """The old rules hold for another day; without any, nobody knows."""
    if before is not None and before.known and now - before.read_at < KEEP + KEEP:
        return _Rules(before.rules, before.read_at, now + UNKNOWN_FOR)
    return _Rules(None, now, now + UNKNOWN_FOR, known=False)
