"""`orewire ingest backfill`: collects what a source still offers of the past, for the record.

The articles are marked: they feed the stories, so that old acts are known when they are told again, but alert nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from services.ingest.adapters.backfills import SqlBackfills
from services.ingest.adapters.catalog import Catalog
from services.ingest.adapters.copies import SqlCopies
from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.folder import LocalFolder
from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.language import LanguageDetector
from services.ingest.adapters.metrics import AgeTally, ArticleTally
from services.ingest.adapters.pages import PageReader
from services.ingest.adapters.store import SqlLedger
from services.ingest.app import MIGRATIONS, NAME
from services.ingest.dates import parse_time
from services.ingest.drafting import Drafting, Piece
from services.ingest.found import Found
from services.ingest.manners import read_interval
from services.ingest.novelty import Status
from services.ingest.ports import Backfilled, Reach
from services.ingest.probe import named
from services.ingest.settings import IngestSettings
from services.ingest.source import ConfiguredSource, Polled
from services.ingest.usecases import Collect
from shared.clock import SystemClock
from shared.db import open_database
from shared.db.migrate import require_current
from shared.errors import ConfigError, PermanentError, Unreachable
from shared.http import HttpClient
from shared.provision import connect
from shared.publish import JetStreamPublisher, NatsConnection
from shared.settings import load_settings

MOST_POLLS: Final = 500
"""Polls of one run; a source that never comes to its end must not be asked for ever."""
Tell = Callable[[Backfilled], None]


@dataclass(frozen=True)
class _Desk:
    """What a backfill works with."""

    collect: Collect
    reach: Reach
    states: SqlBackfills


def read_since(value: str, now: datetime) -> datetime:
    """`30d`, `12h` or a date, as a moment. Durations count whole days or hours back, so that a run can be resumed.

    Raises:
        ConfigError: it is none of these.
    """
    moment = parse_time(value)
    if moment is not None:
        return moment.at
    try:
        back = read_interval(value)
    except ValueError as error:
        raise ConfigError.one("--since", str(error), hint="or a date such as 2026-01-31") from error
    whole = now.replace(minute=0, second=0, microsecond=0)
    return (whole.replace(hour=0) if back >= timedelta(days=1) else whole) - back


def is_wanted(found: Found, since: datetime) -> bool:
    """Whether it is young enough; what tells no date is taken, its page may know."""
    return found.published is None or found.published.at >= since


def is_over(polled: Polled, since: datetime) -> bool:
    """Whether the source has nothing more: it says so, or has come to what is too old."""
    too_old = bool(polled.found) and not any(is_wanted(found, since) for found in polled.found)
    return polled.again_in is None or too_old


async def backfill(
    source_id: str, since: datetime, config: Path, variables: Mapping[str, str], *, polls: int, tell: Tell
) -> Backfilled:
    """Collect what the source offers since then; `tell` hears of every poll. Resumes a run that was interrupted.

    Raises:
        ConfigError: there is no such source, or a setting is wrong.
        TransientError, Unreachable: the source, NATS or the database is away; run it again to go on.
    """
    settings = load_settings(IngestSettings, config=config)
    catalog = Catalog(config, variables)
    source = named(catalog.sources, source_id)
    async with _opened(settings, catalog) as desk:
        state = await desk.states.resume(source_id, since)
        for _ in range(min(polls, MOST_POLLS)):
            state = await _step(desk, source, since, state)
            tell(state)
            if state.done:
                break
            await asyncio.sleep(state.pause)
        return state


async def _step(desk: _Desk, source: ConfiguredSource, since: datetime, state: Backfilled) -> Backfilled:
    try:
        polled = await source.poll(state.cursor, desk.reach)
    except PermanentError as error:
        raise Unreachable(f"{source.id}: {error}") from error
    pieces = [Piece(found, source.origin) for found in polled.found if is_wanted(found, since)]
    verdicts = await desk.collect.accept(pieces, backfill=True)
    new = sum(verdict.status is Status.ACCEPTED for verdict in verdicts)
    done = is_over(polled, since)
    pause = polled.again_in.total_seconds() if polled.again_in else 0.0
    state = replace(
        state, cursor=polled.cursor, polls=state.polls + 1, published=state.published + new, done=done, pause=pause
    )
    await desk.states.keep(source.id, since, state)
    return state


@asynccontextmanager
async def _opened(settings: IngestSettings, catalog: Catalog) -> AsyncIterator[_Desk]:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url)
        stack.push_async_callback(database.close)
        await require_current(database, MIGRATIONS, service=NAME)
        creds = str(settings.nats_creds) if settings.nats_creds else None
        nats = await connect(settings.nats_url, name="orewire-backfill", creds=creds)
        stack.push_async_callback(nats.close)
        client = HttpClient(allow_networks=settings.allow_networks, user_agent=settings.ingest_user_agent)
        fetch = GuardedFetch(await stack.enter_async_context(client), clock)
        workers = WorkerPool(workers=1, timeout=settings.ingest_parse_timeout)
        stack.push_async_callback(workers.close)
        collect = Collect(
            ledger=SqlLedger(database, clock),
            copies=SqlCopies(database, clock),
            publisher=JetStreamPublisher(NatsConnection(nats), service=NAME),
            drafting=Drafting(PageReader(fetch, workers), LanguageDetector(), clock),
            clock=clock,
            tally=ArticleTally(catalog.is_known),
            ages=AgeTally(catalog.is_known),
        )
        yield _Desk(collect, Reach(fetch, workers, LocalFolder(settings.data, clock)), SqlBackfills(database))
