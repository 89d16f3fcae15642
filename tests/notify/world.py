"""Notify put together on a real database, with a clock that moves only when told."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Table, select

from services.notify.adapters import tables
from services.notify.adapters.catalog import channels
from services.notify.adapters.deliveries import SqlDeliveries
from services.notify.adapters.stories import SqlStories
from services.notify.adapters.waiting import SqlWaiting
from services.notify.dispatcher import Dispatcher
from services.notify.editing import Editing
from services.notify.filter import Filter
from services.notify.keeper import Keeper
from services.notify.lanes import Timing
from services.notify.ports import Sender, Subscriber
from services.notify.silence import Silence
from services.notify.usecases import Notify
from shared.db import Database
from shared.events import SignalDetected
from shared.ids import stable_id
from tests.notify.builders import make_envelope
from tests.notify.fakes import CountingMeter, FrozenClock, ScriptedSender


def make_subscriber(
    name: str = "desk",
    *,
    channel: str = "webhook",
    url: str = "",
    timing: Timing | None = None,
    **filters: Any,
) -> Subscriber:
    """A subscriber with the channel's example settings, at an address of its own."""
    plugin = channels()[channel]
    url = url or f"https://{name}.example/hook"
    address = {"url": url} if str(plugin.example.get("url", "")).startswith("https://") else {}
    settings = plugin.settings.model_validate({**plugin.example, **address})
    return Subscriber(
        name, channel, settings, Filter(**filters), stable_id("address", channel, url), timing or Timing()
    )


class World:
    """Use case, store and dispatcher of one replica."""

    def __init__(
        self, database: Database, *subscribers: Subscriber, sender: Sender | None = None, owner: str = "a"
    ) -> None:
        self.database, self.clock, self.meter = database, FrozenClock(), CountingMeter()
        self.people = {subscriber.id: subscriber for subscriber in subscribers}
        self.sender = sender or ScriptedSender()
        self.deliveries = SqlDeliveries(database)
        self.woken = 0
        self.silences: list[Silence] = []
        stories, waiting = SqlStories(database), SqlWaiting(database)
        people, silences = lambda: self.people, lambda: self.silences
        self.notify = Notify(stories, people, self.clock, self.meter, wake=self._wake, silences=silences)
        self.editing = Editing(stories, people, self.clock, self.meter, wake=self._wake, silences=silences)
        self.keeper = Keeper(waiting, people, silences, self.clock, wake=self._wake)
        self.dispatcher = Dispatcher(
            self.deliveries,
            lambda: self.people,
            channels(),
            self.sender,
            clock=self.clock,
            meter=self.meter,
            owner=owner,
        )

    def _wake(self) -> None:
        self.woken += 1

    async def tell(self, *signals: SignalDetected) -> None:
        """Handle the signals."""
        for signal in signals:
            await self.notify.on_signal(signal, make_envelope(signal))

    async def send_all(self) -> int:
        """Send what is due until nothing is; returns how many attempts were made."""
        count = 0
        while begun := await self.dispatcher.step():
            count += begun
            await self.dispatcher.settle()
        return count

    async def rows(self, table: Table, *names: str) -> list[Any]:
        """Columns of all rows of a table, in a stable order."""
        columns = [table.c[name] for name in names]
        async with self.database.begin() as connection:
            found = (await connection.execute(select(*columns).order_by(*columns))).all()
        return [row[0] if len(names) == 1 else tuple(row) for row in found]

    async def statuses(self) -> list[str]:
        """Status of each delivery, by subscriber and revision."""
        found = await self.rows(tables.deliveries, "subscriber_id", "revision", "status")
        return [status for _, _, status in found]

    async def published(self) -> list[str]:
        """Subjects in the outbox, as they were written."""
        return [subject for _, subject in await self.rows(tables.outbox, "seq", "subject")]

    async def alert(self) -> dict[str, Any]:
        """What was told last."""
        told = await self.rows(tables.revisions, "raised_at", "revision", "alert")
        return dict(json.loads(told[-1][2]))
