"""Fakes named after the ports of ingest, and small real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest
import uvicorn
from starlette.applications import Starlette

from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.tables import metadata
from services.ingest.age import Age
from services.ingest.drafting import Drafting
from services.ingest.found import Extracted, Found, Origin
from services.ingest.lookalike import Seen
from services.ingest.novelty import Known, Verdict
from services.ingest.ports import Entry
from services.ingest.usecases import Collect
from shared.db import Database, open_database
from shared.errors import PermanentError, TransientError
from shared.events import Article, ArticleCollected, Event
from shared.events.envelope import Envelope
from tests.kit.ports import free_port
from tests.kit.wait import until

P = ParamSpec("P")
T = TypeVar("T")
NOW = datetime(2026, 2, 12, 9, 0, tzinfo=UTC)


class FrozenClock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, step: timedelta) -> None:
        self.time += step


class RecordingPublisher:
    """Keeps events by id, as JetStream does; may be told to fail."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self.calls = 0
        self.fails: Callable[[Event], Exception | None] = lambda _: None

    async def publish(self, event: Event, *, correlation_id: str, cause: Envelope | None = None) -> None:
        self.calls += 1
        await asyncio.sleep(0)
        if error := self.fails(event):
            raise error
        self.events.setdefault(event.event_id, event)

    @property
    def articles(self) -> list[Article]:
        return [event.article for event in self.events.values() if isinstance(event, ArticleCollected)]


class MemoryLedger:
    """A ledger in a dictionary, with the sketches of its articles."""

    def __init__(self) -> None:
        self.articles: dict[str, Known] = {}
        self.aliases: dict[str, str] = {}
        self.seen: dict[str, Seen] = {}

    async def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        ids = {key: key if key in self.articles else self.aliases.get(key) for key in keys}
        return {key: self.articles[found] for key, found in ids.items() if found}

    async def record(self, entries: Sequence[Entry]) -> frozenset[str]:
        fresh = set()
        for entry in entries:
            it = entry.article
            before = self.articles.get(it.id)
            if before is None or before.revision < it.revision:
                copy_of = before.copy_of if before else it.copy_of
                self.articles[it.id] = Known(
                    it.id, it.source_id, it.revision, entry.stamp, entry.said, entry.headline, copy_of
                )
                self.aliases |= dict.fromkeys(entry.aliases, it.id)
                fresh.add(it.id)
                if entry.sketch:
                    self.seen[it.id] = Seen(it.id, it.copy_of or it.id, it.fetched_at, entry.sketch)
        return frozenset(fresh)

    async def note(self, stamps: Mapping[str, str], aliases: Mapping[str, str]) -> None:
        self.aliases |= aliases
        for article_id, stamp in stamps.items():
            self.articles[article_id] = replace(self.articles[article_id], stamp=stamp)

    async def meeting(self, keys: Sequence[int]) -> Sequence[Seen]:
        return [one for one in self.seen.values() if set(keys) & set(one.sketch.keys)]


class FakePages:
    """Pages by address; an exception stands for a page that cannot be had."""

    def __init__(self, pages: Mapping[str, Extracted | Exception] | None = None) -> None:
        self.pages = dict(pages or {})
        self.asked: list[str | None] = []

    async def __call__(self, found: Found) -> Extracted:
        self.asked.append(found.url)
        page = self.pages.get(found.url or "", PermanentError("gone", "HTTP 404"))
        if isinstance(page, Exception):
            raise page
        return page


@asynccontextmanager
async def pauses() -> AsyncIterator[list[float]]:
    """Seconds between any two turns the event loop gave to others while the block ran."""
    found: list[float] = [0.0]
    loop = asyncio.get_running_loop()

    async def watch() -> None:
        last = loop.time()
        while True:
            await asyncio.sleep(0)
            found.append(loop.time() - last)
            last = loop.time()

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    yield found
    await asyncio.sleep(0)
    watching.cancel()


async def in_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """An `Isolate` without a process, for input that is known to be harmless."""
    try:
        return function(*args, **kwargs)
    except ValueError as error:
        raise PermanentError("unreadable", str(error)) from error


@dataclass
class Desk:
    """A Collect with all its fakes at hand."""

    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    ledger: Any = field(default_factory=MemoryLedger)
    copies: Any = None
    pages: FakePages = field(default_factory=FakePages)
    clock: FrozenClock = field(default_factory=FrozenClock)
    tallied: list[tuple[Origin, Verdict]] = field(default_factory=list)
    ages: list[tuple[Origin, Age]] = field(default_factory=list)
    detect: Callable[[str], str | None] = lambda _: "en"

    def collect(self) -> Collect:
        return Collect(
            ledger=self.ledger,
            copies=self.copies or self.ledger,
            publisher=self.publisher,
            drafting=Drafting(self.pages, self.detect, self.clock),
            clock=self.clock,
            tally=lambda origin, verdict: self.tallied.append((origin, verdict)),
            ages=lambda origin, age: self.ages.append((origin, age)),
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def tables(database: Database) -> Database:
    """The real database, with the tables of ingest, empty."""
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
    return database


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database with the tables of ingest."""
    database = open_database(f"sqlite:///{tmp_path}/ingest.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
async def workers() -> AsyncIterator[WorkerPool]:
    """Real worker processes, with little patience."""
    pool = WorkerPool(workers=1, timeout=3.0)
    yield pool
    await pool.close()


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """The app on a real server on loopback; yields its address."""
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def transient(message: str = "down") -> TransientError:
    return TransientError(message)
