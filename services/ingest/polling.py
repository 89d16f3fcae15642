"""Poll: one poll of one source, by whichever replica holds its lease."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.ingest.drafting import Piece
from services.ingest.found import Found, Origin
from services.ingest.health import History
from services.ingest.novelty import Status, Verdict
from services.ingest.ports import Errand, HostBusy, Lease, Reach, Settlement, SourceState, SourceStates
from services.ingest.settling import Ended, alarm, diagnosis, settlement, told
from services.ingest.source import ConfiguredSource, Polled
from services.ingest.usecases import Collect
from shared.clock import Clock
from shared.errors import PermanentError, TransientError
from shared.publish import Publisher

LEASE: Final = timedelta(seconds=7)
"""How long a source is silent at most when the replica that polls it dies; others look again right then."""
RENEW: Final = timedelta(seconds=2)
"""A lease is renewed this often while its poll is under way: a database may be slow by two of these."""
LOOK_AGAIN: Final = timedelta(seconds=0.5)
"""Least time between two looks at a source that another replica holds."""
LONGEST_POLL: Final = timedelta(minutes=4)
MAX_WAITS: Final = 3
"""Polls in a row that may leave articles for later, before what the source itself says is taken."""
LOST: Final = "the lease has passed to another replica"
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
    history: History | None = None

    def count(self, status: Status) -> int:
        """Articles with this status."""
        return sum(verdict.status is status for verdict in self.verdicts)


class Poll:
    """Claim, poll, collect, settle. The cursor moves only after everything found was published."""

    def __init__(  # noqa: PLR0913 - all that a poll touches
        self,
        *,
        states: SourceStates,
        collect: Collect,
        reach: Reach,
        errand: Callable[[], Errand],
        publisher: Publisher,
        origin_of: OriginOf,
        clock: Clock,
        chance: Callable[[], float],
        renew: timedelta = RENEW,
    ) -> None:
        """`errand` begins fetching for one poll, `publisher` tells of health, `renew` is between two renewals."""
        self._states, self._collect, self._reach, self._errand = states, collect, reach, errand
        self._publisher, self._origin_of, self._clock, self._chance = publisher, origin_of, clock, chance
        self._renew = renew

    async def run(self, source: ConfiguredSource) -> PollReport:
        """Poll the source if it is due and free.

        Raises:
            TransientError: the database cannot be reached.
        """
        now = self._clock.now()
        lease = await self._states.claim(source.id, source.fingerprint, now=now, until=now + LEASE)
        if isinstance(lease, SourceState):
            return PollReport(source.id, _next_look(lease, source, now))
        working = asyncio.create_task(self._held(source, lease), name=f"poll {source.id}")
        keeping = asyncio.create_task(self._keep(lease), name=f"lease {source.id}")
        try:
            await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            return PollReport(source.id, self._clock.now() + LEASE, error=LOST)
        finally:
            working.cancel()
            keeping.cancel()
            await asyncio.gather(working, keeping, return_exceptions=True)

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease until it is lost: to another replica, or because it ran out unrenewed."""
        until, held = lease.until, True
        while held:
            spare = until - self._clock.now() - (LEASE - self._renew)  # less than `renew` after a slow claim
            await asyncio.sleep(min(max(spare, timedelta(0)), self._renew).total_seconds())
            now = self._clock.now()
            try:
                held = await self._states.renew(lease, until=now + LEASE)
                until = now + LEASE
            except TransientError:  # the next one may still be in time
                held = self._clock.now() < until
                await asyncio.sleep(0.1)

    async def _held(self, source: ConfiguredSource, lease: Lease) -> PollReport:
        errand = self._errand()
        verdicts: list[Verdict] = []
        polled = Polled()
        try:
            async with asyncio.timeout(LONGEST_POLL.total_seconds()):
                polled = await source.poll(lease.cursor, replace(self._reach, fetch=errand))
                ended = await self._collected(source, lease, polled, verdicts)
        except (HostBusy, PermanentError, TransientError) as error:
            wait: float | None = getattr(error, "retry_after", None)
            asked = None if wait is None else timedelta(seconds=wait)
            ended = Ended(error=str(error), blamed=not isinstance(error, HostBusy), retry_after=asked)
        except TimeoutError:  # its pages may be many, and their host slow
            ended = Ended(error=f"not done within {LONGEST_POLL}", blamed=not errand.requests, left=True)
        ended = replace(ended, online=errand.requests > 0, fresh_for=errand.fresh_for)
        return await self._settled(source, lease, ended, replace(polled, found=()), tuple(verdicts))

    async def _collected(
        self, source: ConfiguredSource, lease: Lease, polled: Polled, verdicts: list[Verdict]
    ) -> Ended:
        pieces = [self._piece(source, found) for found in polled.found]
        try:
            verdicts += await self._collect.accept(pieces, patient=lease.waits < MAX_WAITS)
        except TransientError as error:  # NATS or our database is away: the source is not to blame
            return Ended(error=str(error), blamed=False)
        statuses = {verdict.status for verdict in verdicts}
        return Ended(
            error=polled.failed or None,
            cursor=polled.cursor,
            new=Status.ACCEPTED in statuses,
            left=Status.POSTPONED in statuses,
            again_in=polled.again_in,
        )

    def _piece(self, source: ConfiguredSource, found: Found) -> Piece:
        return Piece(found, self._origin_of(found.source_id) if found.source_id else source.origin)

    async def _settled(
        self, source: ConfiguredSource, lease: Lease, ended: Ended, polled: Polled, verdicts: tuple[Verdict, ...]
    ) -> PollReport:
        settled = settlement(ended, lease, source, now=self._clock.now(), chance=self._chance())
        settled = await self._told(source, settled)
        held = await self._states.settle(lease, settled)
        error = ended.error if held else LOST
        return PollReport(source.id, settled.next_poll_at, held, verdicts, polled.problems, error, settled.history)

    async def _told(self, source: ConfiguredSource, settled: Settlement) -> Settlement:
        """Tell people when the source's health has changed. What cannot be told now is told after the next poll."""
        found = diagnosis(settled, source)
        event = alarm(source.id, settled, found)
        if event is None:
            return settled
        try:
            await self._publisher.publish(event, correlation_id=event.event_id)
        except TransientError:
            return settled
        return told(settled, found)


def _next_look(state: SourceState, source: ConfiguredSource, now: datetime) -> datetime:
    """When the source is due, or the lease of whoever polls it now runs out."""
    due = state.next_poll_at if state.lease_until <= now else state.lease_until
    return min(max(due, now + LOOK_AGAIN), now + source.ceiling)
