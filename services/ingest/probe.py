"""Looks at sources from the command line: poll one without effect, or show the state of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.ingest.adapters.catalog import load
from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.folder import LocalFolder
from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.leases import SqlSourceStates
from services.ingest.app import MIGRATIONS, NAME
from services.ingest.dates import Moment
from services.ingest.found import Found
from services.ingest.health import History, usual_gap
from services.ingest.politeness import Etiquette
from services.ingest.ports import Reach, SourceState
from services.ingest.settings import IngestSettings
from services.ingest.source import ConfiguredSource
from shared.clock import SystemClock
from shared.db import open_database
from shared.db.migrate import require_current
from shared.errors import ConfigError, PermanentError, Unreachable
from shared.http import HttpClient
from shared.settings import load_settings


@dataclass(frozen=True)
class ProbeResult:
    """What one poll would collect."""

    rows: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]


async def probe_source(source_id: str, config: Path, variables: Mapping[str, str]) -> ProbeResult:
    """Poll one source as if for the first time.

    Raises:
        ConfigError: there is no such source, or the files hold mistakes.
        Unreachable, TransientError: the source does not answer, or not with what its type expects.
    """
    settings = load_settings(IngestSettings, config=config)
    source = named(load(config, variables), source_id)
    clock = SystemClock()
    workers = WorkerPool(workers=1, timeout=settings.ingest_parse_timeout)
    try:
        async with HttpClient(allow_networks=settings.allow_networks, user_agent=settings.user_agent) as client:
            fetch = GuardedFetch(client, clock, etiquette=Etiquette([source]))
            polled = await source.poll({}, Reach(fetch, workers, LocalFolder(settings.data, clock)))
    except PermanentError as error:
        raise Unreachable(f"{source_id}: {error}") from error
    finally:
        await workers.close()
    now = clock.now()
    return ProbeResult(tuple(_row(found, now) for found in polled.found), polled.problems)


async def source_states(config: Path, variables: Mapping[str, str]) -> list[dict[str, Any]]:
    """The state of each configured source, as the database has it.

    Raises:
        ConfigError: the files hold mistakes, or the database has no tables of this version.
        TransientError: the database does not answer.
    """
    settings = load_settings(IngestSettings, config=config)
    sources = load(config, variables)
    database = open_database(settings.database_url)
    try:
        await require_current(database, MIGRATIONS, service=NAME)
        states = await SqlSourceStates(database).look([source.id for source in sources])
    finally:
        await database.close()
    return [_state_row(source, states.get(source.id)) for source in sources]


def _state_row(source: ConfiguredSource, state: SourceState | None) -> dict[str, Any]:
    history = state.history if state else History()
    usual = usual_gap(history.gaps)
    return {
        "id": source.id,
        "enabled": source.enabled,
        "health": _health(source, state),
        "last_ok_at": _text(history.last_ok_at),
        "last_new_at": _text(history.last_new_at),
        "usual_gap_seconds": usual.total_seconds() if usual else None,
        "next_poll_at": _text(state.next_poll_at) if state else None,
        "pace": state.pace if state else None,
        "failures": state.failures if state else 0,
        "last_error": state.last_error if state else None,
        "last_error_at": _text(state.last_error_at) if state else None,
        "trouble_since": _text(history.since),
    }


def _health(source: ConfiguredSource, state: SourceState | None) -> str:
    """One word: off, new (never polled), ok, shaky (failed, but not often enough to tell people), failing, silent."""
    if not source.enabled:
        return "off"
    if state is None:
        return "new"
    if state.history.trouble is not None:
        return state.history.trouble.value
    return "shaky" if state.failures else "ok"


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def named(sources: tuple[ConfiguredSource, ...], source_id: str) -> ConfiguredSource:
    """The source with this id.

    Raises:
        ConfigError: there is none.
    """
    for source in sources:
        if source.id == source_id:
            return source
    known = ", ".join(source.id for source in sources)
    raise ConfigError.one("ID", f"there is no source `{source_id}`", hint=f"known: {known}")


def _row(found: Found, now: datetime) -> dict[str, Any]:
    return {
        "published_at": _believed(found.published, now),
        "updated_at": _believed(found.updated, now),
        "lang": found.lang,
        "title": found.title or found.text[:80],
        "url": found.url,
        "text_characters": len(found.text),
        "page": "would be fetched" if found.follow else "",
    }


def _believed(moment: Moment | None, now: datetime) -> str | None:
    """The date as it would be published, or why it would be refused."""
    believed = moment.seen_at(now) if moment else None
    return believed.isoformat() if isinstance(believed, datetime) else believed
