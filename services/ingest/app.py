"""Composition root of ingest: everything is wired here, in one straight line, and nowhere else."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.ingest.adapters.arrivals import StreamArrivals
from services.ingest.adapters.catalog import Catalog
from services.ingest.adapters.copies import SqlCopies
from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.folder import LocalFolder
from services.ingest.adapters.hosts import HostGate
from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.language import LanguageDetector
from services.ingest.adapters.leases import SqlSourceStates
from services.ingest.adapters.metrics import AgeTally, ArticleTally, PollCounter
from services.ingest.adapters.pages import PageReader
from services.ingest.adapters.reloading import Reload
from services.ingest.adapters.store import SqlLedger
from services.ingest.adapters.turns import SqlTurns
from services.ingest.drafting import Drafting
from services.ingest.politeness import Etiquette
from services.ingest.polling import Poll
from services.ingest.ports import Reach
from services.ingest.schedule import Schedule
from services.ingest.settings import IngestSettings
from services.ingest.source import ConfiguredSource
from services.ingest.stream import connect
from services.ingest.submissions import Submissions
from services.ingest.usecases import Collect
from services.ingest.web import Articles
from shared.broker import Broker, make_broker
from shared.clock import Clock, SystemClock
from shared.db import Database, open_database
from shared.db.migrate import require_current
from shared.http import HttpClient
from shared.publish import JetStreamPublisher
from shared.service import Service, serve
from shared.settings import environment, load_settings

NAME: Final = "ingest"
CONNECT_PAUSE: Final = 0.1  # seconds
MIGRATIONS: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class _World:
    """What touches the world, opened once."""

    settings: IngestSettings
    clock: Clock
    catalog: Catalog
    database: Database
    broker: Broker
    client: HttpClient
    workers: WorkerPool
    fetch: GuardedFetch
    etiquette: Etiquette
    detect: LanguageDetector


def build(settings: IngestSettings, variables: Mapping[str, str]) -> Service:
    """Wire the service.

    Raises:
        ConfigError: sources.yaml or a setting has a mistake.
    """
    world = _open(settings, variables)
    collect = _collect(world)
    schedule = Schedule(_poll(world, collect).run, clock=world.clock, watch=PollCounter(world.clock))
    submissions = Submissions(collect, world.catalog.origin_of)
    connect(world.broker, submissions)
    reload = Reload(world.catalog, settings.config, _apply(world, schedule))

    async def tables() -> None:
        await require_current(world.database, MIGRATIONS, service=NAME)

    async def database_check() -> str:
        await world.database.ping()
        return world.database.dialect

    async def warm() -> None:
        asyncio.get_running_loop().run_in_executor(None, world.detect.warm)

    async def polls() -> None:
        while not world.broker.is_connected:  # noqa: ASYNC110 - the broker has no event to wait for
            await asyncio.sleep(CONNECT_PAUSE)
        world.etiquette.learn(world.catalog.active)
        schedule.start(world.catalog.active)
        await asyncio.Event().wait()

    return Service(
        name=NAME,
        settings=settings,
        broker=world.broker,
        routes=Articles(submissions).routes(),
        checks={"database": database_check, "sources": reload.check},
        startup=(tables, warm),
        jobs={"reload": reload.run, "polls": polls},
        closers=(schedule.stop, world.workers.close, world.client.aclose, world.database.close),
    )


def _open(settings: IngestSettings, variables: Mapping[str, str]) -> _World:
    clock = SystemClock()
    client = HttpClient(allow_networks=settings.allow_networks, user_agent=settings.user_agent)
    database, etiquette = open_database(settings.database_url), Etiquette()
    gate = HostGate(clock, etiquette.gap, etiquette.is_shared, SqlTurns(database, clock))
    return _World(
        settings=settings,
        clock=clock,
        catalog=Catalog(settings.config, variables),
        database=database,
        broker=make_broker(settings, service=NAME),
        client=client,
        workers=WorkerPool(workers=settings.ingest_workers, timeout=settings.ingest_parse_timeout),
        fetch=GuardedFetch(client, clock, gate=gate, etiquette=etiquette),
        etiquette=etiquette,
        detect=LanguageDetector(),
    )


def _apply(world: _World, schedule: Schedule) -> Callable[[Sequence[ConfiguredSource]], None]:
    """What an edit of sources.yaml does."""

    def apply(sources: Sequence[ConfiguredSource]) -> None:
        world.etiquette.learn(sources)
        schedule.apply(sources)

    return apply


def _collect(world: _World) -> Collect:
    return Collect(
        ledger=SqlLedger(world.database, world.clock),
        copies=SqlCopies(world.database, world.clock),
        publisher=JetStreamPublisher(world.broker, service=NAME),
        drafting=Drafting(PageReader(world.fetch, world.workers), world.detect, world.clock),
        clock=world.clock,
        tally=ArticleTally(world.catalog.is_known),
        ages=AgeTally(world.catalog.is_known),
    )


def _poll(world: _World, collect: Collect) -> Poll:
    arrivals = StreamArrivals(world.broker, world.clock)
    return Poll(
        states=SqlSourceStates(world.database),
        collect=collect,
        reach=Reach(world.fetch, world.workers, LocalFolder(world.settings.data, world.clock), arrivals),
        errand=world.fetch.errand,
        publisher=JetStreamPublisher(world.broker, service=NAME),
        origin_of=world.catalog.origin_of,
        clock=world.clock,
        chance=random.random,
    )


def main() -> None:
    """Run ingest until it is stopped.

    Raises:
        ConfigError: settings or files are wrong.
    """
    # The server hands SIGTERM on once it has stopped. By default that ends the process on the spot, and the
    # folder of the fork server stays in TMPDIR for ever.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve(build(load_settings(IngestSettings), environment()))
