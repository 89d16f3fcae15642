"""The inbound edge for time: each source is polled when it is due, on a schedule kept in memory.

What is due is decided by the database, which all replicas share; APScheduler only wakes us up. After each
look the next one is planned, so a source that backs off, or has more to give, is looked at in its own time.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from services.ingest.novelty import Status
from services.ingest.polling import PollReport
from services.ingest.source import ConfiguredSource
from shared.clock import Clock
from shared.errors import TransientError

log = structlog.get_logger(__name__)
PARALLEL: Final = 256
"""Sources polled at a time by one replica. Most of them wait: for an answer, or for their turn at a host."""
SOON: Final = timedelta(seconds=5)
"""Wait after a look that our own database would not allow."""
STOP_SECONDS: Final = 5.0
TICK: Final = 0.25
"""Seconds. Looks begin together at these steps, and so share their transactions: one alone costs several times more."""
STAGGER: Final = timedelta(milliseconds=20)
"""Between the first looks at two sources: thousands at once would all be late."""
PollOnce = Callable[[ConfiguredSource], Awaitable[PollReport]]
Watch = Callable[[PollReport], None]


class Schedule:
    """Polls the sources it was given, until it is stopped."""

    def __init__(self, poll: PollOnce, *, clock: Clock, watch: Watch) -> None:
        """`watch` hears of every poll that was done."""
        self._poll, self._clock, self._watch = poll, clock, watch
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._slots = asyncio.Semaphore(PARALLEL)
        self._sources: dict[str, ConfiguredSource] = {}
        self._running: set[asyncio.Task[None]] = set()

    def start(self, sources: Iterable[ConfiguredSource]) -> None:
        """Begin to poll; each source is looked at once right away."""
        self._scheduler.start()
        self.apply(sources)

    def apply(self, sources: Iterable[ConfiguredSource]) -> None:
        """Poll exactly these from now on: new and changed ones at once, those that are gone no more."""
        wanted = {source.id: source for source in sources}
        for source_id in self._sources.keys() - wanted.keys():
            self._forget(source_id)
        changed = [source for source in wanted.values() if self._sources.get(source.id) != source]
        self._sources = wanted
        now = self._clock.now()
        for place, source in enumerate(changed):
            self._plan(source.id, now + place * STAGGER)

    async def stop(self) -> None:
        """Plan nothing more, let running polls end for a moment, then cancel them."""
        self._sources = {}
        if self._scheduler.running:
            self._scheduler.remove_all_jobs()
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_SECONDS)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _plan(self, source_id: str, at: datetime) -> None:
        at = datetime.fromtimestamp(math.ceil(at.timestamp() / TICK) * TICK, UTC)
        options = {"id": source_id, "replace_existing": True, "misfire_grace_time": None}
        self._scheduler.add_job(self._wake, "date", run_date=at, args=[source_id], **options)

    def _forget(self, source_id: str) -> None:
        if self._scheduler.get_job(source_id) is not None:
            self._scheduler.remove_job(source_id)

    async def _wake(self, source_id: str) -> None:
        """Only starts the look: the scheduler must never be what a poll hangs on."""
        task = asyncio.create_task(self._look(source_id), name=f"poll {source_id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _look(self, source_id: str) -> None:
        source = self._sources.get(source_id)
        if source is None:
            return
        due = self._clock.now() + source.interval
        try:
            async with self._slots:
                report = await self._poll(source)
            due = report.next_look
            self._tell(report)
        except TransientError as error:
            due = self._clock.now() + min(SOON, source.interval)
            log.warning("poll_postponed", source=source_id, why=str(error))
        except Exception:  # a bug in one source must not end its schedule
            log.exception("poll_failed", source=source_id)
        finally:  # whatever ended it, unless we are stopping
            if self._sources.get(source_id) == source:
                self._plan(source_id, due)

    def _tell(self, report: PollReport) -> None:
        if not report.polled:
            return
        self._watch(report)
        counts = {status.value: report.count(status) for status in Status}
        news = any(report.count(status) for status in Status if status is not Status.DUPLICATE)
        level = log.warning if report.error or report.problems else log.info if news else log.debug
        level("polled", source=report.source_id, error=report.error, problems=report.problems[:20], **counts)
