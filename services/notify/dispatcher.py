"""Sends what is due: claims deliveries, sends them side by side, writes down how each ended.

A slow receiver holds only its own slots: each subscriber has few, one while it fails, and the whole has many.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from services.notify.attempt import attempt
from services.notify.outcome import Verdict
from services.notify.ports import Channel, Deliveries, Meter, Result, Sender, Subscriber, Subscribers, Task
from services.notify.slots import Slots
from shared.clock import Clock
from shared.errors import TransientError

log = structlog.get_logger(__name__)
POLL_SECONDS: Final = 1.0
"""How often the table is looked at when nobody woke us: finds retries that have become due."""
RECONCILE_SECONDS: Final = 600.0
"""How often the subscribers in force are compared with what is kept about them."""
WRITE_SECONDS: Final = 0.5
"""Pause before the end of an attempt is written again."""
MAX_IN_FLIGHT: Final = 256
STOP_SECONDS: Final = 5.0


class Dispatcher:
    """The loop that sends. Several replicas may run it on one database."""

    def __init__(
        self,
        deliveries: Deliveries,
        subscribers: Subscribers,
        channels: Mapping[str, Channel],
        sender: Sender,
        *,
        clock: Clock,
        meter: Meter,
        owner: str,
    ) -> None:
        """`owner` names this process in leases."""
        self._deliveries, self._subscribers, self._channels = deliveries, subscribers, channels
        self._sender, self._clock, self._meter = sender, clock, meter
        self._owner = owner
        self._wake = asyncio.Event()
        self._slots = Slots()
        self._reconciled = float("-inf")
        self._running: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Say that new deliveries have been committed."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; attempts in flight are then given a little time to end."""
        try:
            while True:
                self._wake.clear()
                if await self._turn() == 0:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL_SECONDS):  # not wait_for: it may swallow a cancellation
                            await self._wake.wait()
        except asyncio.CancelledError:
            await self.settle(STOP_SECONDS)
            raise

    async def _turn(self) -> int:
        """One step, 0 while the database is away: that is no reason to drop what is under way."""
        try:
            if asyncio.get_running_loop().time() - self._reconciled > RECONCILE_SECONDS:
                await self.reconcile()
            return await self.step()
        except TransientError as error:
            log.warning("nothing_claimed", why=str(error))
            return 0

    async def reconcile(self) -> None:
        """Apply the subscribers in force to what is kept about them: see `Deliveries.reconcile`.

        Raises:
            TransientError: the database is away.
        """
        await self._deliveries.reconcile(self._subscribers(), self._clock.now())
        self._reconciled = asyncio.get_running_loop().time()
        self._wake.set()

    async def step(self) -> int:
        """Claim what is due and begin to send it; returns how many deliveries were begun.

        Raises:
            TransientError: the database is away.
        """
        subscribers = self._subscribers()
        intervals = {name: self._channels[it.channel].interval for name, it in subscribers.items()}
        room = self._slots.room(intervals, asyncio.get_running_loop().time())
        free = MAX_IN_FLIGHT - len(self._running)
        tasks = await self._deliveries.claim(self._clock.now(), owner=self._owner, room=room, limit=free)
        for task in tasks:
            self._begin(task, subscribers[task.subscriber_id])
        return len(tasks)

    async def settle(self, seconds: float | None = None) -> None:
        """Wait for the attempts in flight; those that take longer than `seconds` are left to their lease."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
        for task in self._running:
            task.cancel()

    def _begin(self, task: Task, subscriber: Subscriber) -> None:
        self._slots.enter(task.subscriber_id)
        running = asyncio.create_task(self._deliver(task, subscriber))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def _deliver(self, task: Task, subscriber: Subscriber) -> None:
        channel = self._channels[subscriber.channel]
        good = False
        try:
            result = await attempt(task, subscriber, channel, self._sender, self._clock)
            good = result.verdict == Verdict.DONE
            await self._finish(task, result)
        except TransientError as error:
            log.warning("attempt_not_written", delivery=task.delivery_id, why=str(error))
        except Exception:
            log.exception("attempt_failed", delivery=task.delivery_id)
        finally:
            self._leave(task.subscriber_id, channel.interval, good=good)

    def _leave(self, subscriber_id: str, interval: float, *, good: bool) -> None:
        loop = asyncio.get_running_loop()
        if self._slots.leave(subscriber_id, good=good, interval=interval, now=loop.time()):
            loop.call_later(interval, self._wake.set)

    async def _finish(self, task: Task, result: Result) -> None:
        outcome = result.answer.outcome
        self._meter.attempted(task.channel, outcome, result.duration_ms / 1000)
        if not await self._written(task, result):
            log.warning("lease_lost", delivery=task.delivery_id)
            return
        if result.verdict == Verdict.DONE:
            self._meter.told(task.channel, (result.at - task.alert.clock.collected_at).total_seconds())
        else:
            log.warning("delivery_failed", delivery=task.delivery_id, subscriber=task.subscriber_id, outcome=outcome)

    async def _written(self, task: Task, result: Result) -> bool:
        """Write how the attempt ended, again until the lease ends: what is not written is sent a second time."""
        while True:
            try:
                return await self._deliveries.finish(task, result)
            except TransientError as error:
                if self._clock.now() + timedelta(seconds=WRITE_SECONDS) >= task.lease_until:
                    raise
                log.warning("attempt_not_written_yet", delivery=task.delivery_id, why=str(error))
                await asyncio.sleep(WRITE_SECONDS)
