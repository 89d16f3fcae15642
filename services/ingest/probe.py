"""Looks at sources from the command line: poll one without effect, or show the state of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.ingest.adapters.catalog import load
from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.folder import LocalFolder
from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.leases import SqlSourceStates
from services.ingest.app import MIGRATIONS, NAME
from services.ingest.found import Found
from services.ingest.ports import Reach
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
        async with HttpClient(allow_networks=settings.allow_networks, user_agent=settings.ingest_user_agent) as client:
            polled = await source.poll(
                {}, Reach(GuardedFetch(client, clock), workers, LocalFolder(settings.data, clock))
            )
    except PermanentError as error:
        raise Unreachable(f"{source_id}: {error}") from error
    finally:
        await workers.close()
    return ProbeResult(tuple(map(_row, polled.found)), polled.problems)


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
        states = SqlSourceStates(database)
        return [await _state_row(source, states) for source in sources]
    finally:
        await database.close()


async def _state_row(source: ConfiguredSource, states: SqlSourceStates) -> dict[str, Any]:
    state = await states.look(source.id)
    return {
        "id": source.id,
        "enabled": source.enabled,
        "last_ok_at": state.last_ok_at.isoformat() if state and state.last_ok_at else None,
        "next_poll_at": state.next_poll_at.isoformat() if state else None,
        "failures": state.failures if state else 0,
        "last_error": state.last_error if state else None,
    }


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


def _row(found: Found) -> dict[str, Any]:
    return {
        "published_at": found.published.at.isoformat() if found.published else None,
        "lang": found.lang,
        "title": found.title or found.text[:80],
        "url": found.url,
        "text_characters": len(found.text),
    }
