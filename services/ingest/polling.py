"""Poll: one poll of one source, by whichever replica holds its lease."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.ingest.cadence import next_poll
from services.ingest.drafting import Piece
from services.ingest.found import Found, Origin
from services.ingest.novelty import Status, Verdict
from services.ingest.ports import Lease, Reach, Settlement, SourceStates
from services.ingest.source import ConfiguredSource, Polled
from services.ingest.usecases import Collect
from shared.clock import Clock
from shared.errors import PermanentError, TransientError

LEASE: Final = timedelta(seconds=60)
"""How long a source is silent at most when the replica that polls it dies."""
RENEW: Final = timedelta(seconds=20)
"""A lease is renewed this often while its poll is under way."""
LONGEST_POLL: Final = timedelta(minutes=4)
MAX_WAITS: Final = 3
"""Polls in a row that may leave articles for later, before what the source itself says is taken."""
POSTPONED: Final = timedelta(seconds=15)
"""Wait of a source whose articles could not be published."""
OriginOf = Callable[[str], Origin]
"""What is known about a source id, configured or not."""


@dataclass(frozen=True)
class PollReport:
    """What one poll did. `next_look` is when to try this source again; no verdicts when it was not due."""

    source_id: str
    next_look: datetime
    polled: bool = False
    verdicts: tuple[Verdict, ...] = ()
    problems: tuple[str, ...] = ()
    error: str | None = None

    def count(self, status: Status) -> int:
        """Articles with this status."""
        return sum(verdict.status is status for verdict in self.verdicts)


class Poll:
    """Claim, poll, collect, settle. The cursor moves only after everything found was published."""

    def __init__(
        self,
        *,
        states: SourceStates,
        collect: Collect,
        reach: Reach,
        origin_of: OriginOf,
        clock: Clock,
        chance: Callable[[], float],
        renew: timedelta = RENEW,
    ) -> None:
        """`renew` is the time between two renewals of a lease."""
        self._renew = renew.total_seconds()
        self._states, self._collect, self._reach = states, collect, reach
        self._origin_of, self._clock, self._chance = origin_of, clock, chance

    async def run(self, source: ConfiguredSource) -> PollReport:
        """Poll the source if it is due and free.

        Raises:
            TransientError: the database cannot be reached.
        """
        now = self._clock.now()
        lease = await self._states.claim(source.id, source.fingerprint, now=now, until=now + LEASE)
        if lease is None:
            return PollReport(source.id, await self._next_look(source, now))
        keeping = asyncio.create_task(self._keep(lease))
        try:
            return await self._held(source, lease)
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})

    async def _held(self, source: ConfiguredSource, lease: Lease) -> PollReport:
        try:
            async with asyncio.timeout(LONGEST_POLL.total_seconds()):
                polled = await source.poll(lease.cursor, self._reach)
                return await self._collected(source, lease, polled)
        except (TransientError, PermanentError) as error:
            return await self._failed(source, lease, str(error), getattr(error, "retry_after", None))
        except TimeoutError:  # waiting for pages may be why
            late = replace(lease, waits=lease.waits + 1)
            return await self._failed(source, late, f"not done within {LONGEST_POLL}", None)

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease until cancelled, or until it is lost: then the settlement will have no effect."""
        held = True
        while held:
            await asyncio.sleep(self._renew)
            with contextlib.suppress(TransientError):  # the next renewal may still be in time
                held = await self._states.renew(lease, until=self._clock.now() + LEASE)

    async def _collected(self, source: ConfiguredSource, lease: Lease, polled: Polled) -> PollReport:
        pieces = [self._piece(source, found) for found in polled.found]
        try:
            verdicts = await self._collect.accept(pieces, patient=lease.waits < MAX_WAITS)
        except TransientError as error:
            return await self._postponed(source, lease, str(error))
        return await self._went_well(source, lease, polled, verdicts)

    def _piece(self, source: ConfiguredSource, found: Found) -> Piece:
        return Piece(found, self._origin_of(found.source_id) if found.source_id else source.origin)

    async def _next_look(self, source: ConfiguredSource, now: datetime) -> datetime:
        """When the source is due, or the lease of whoever polls it now runs out."""
        state = await self._states.look(source.id)
        if state is None:
            return now + source.interval
        due = state.next_poll_at if state.lease_until <= now else state.lease_until
        return min(max(due, now + timedelta(seconds=1)), now + source.interval)

    async def _went_well(
        self, source: ConfiguredSource, lease: Lease, polled: Polled, verdicts: list[Verdict]
    ) -> PollReport:
        now = self._clock.now()
        waiting = any(verdict.status is Status.POSTPONED for verdict in verdicts)
        again_in = None if waiting else polled.again_in
        due = next_poll(now, interval=source.interval, again_in=again_in, chance=self._chance())
        done = Settlement(now, due, cursor=polled.cursor)
        left = Settlement(now, due, waits=lease.waits + 1)  # its cursor stays, so that they are found again
        await self._states.settle(lease, left if waiting else done)
        return PollReport(source.id, due, True, tuple(verdicts), polled.problems)

    async def _postponed(self, source: ConfiguredSource, lease: Lease, error: str) -> PollReport:
        """NATS or our database was away: the source is not to blame, and waits only until they are back."""
        now = self._clock.now()
        due = now + min(source.interval, POSTPONED)
        await self._states.settle(lease, Settlement(now, due, error=error, blamed=False, waits=lease.waits))
        return PollReport(source.id, due, True, error=error)

    async def _failed(
        self, source: ConfiguredSource, lease: Lease, error: str, retry_after: float | None
    ) -> PollReport:
        now = self._clock.now()
        due = next_poll(
            now,
            interval=source.interval,
            failures=lease.failures + 1,
            retry_after=None if retry_after is None else timedelta(seconds=retry_after),
            chance=self._chance(),
        )
        await self._states.settle(lease, Settlement(now, due, error=error, waits=lease.waits))
        return PollReport(source.id, due, True, error=error)
