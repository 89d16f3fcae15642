"""Migrations: each service owns its tables and its own chain of alembic versions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.db.engine import Database
from shared.errors import ConfigError

_LOCK: Final = 0x0E_5E_11_0E
"""Advisory lock on PostgreSQL: replicas that start together migrate one after the other."""


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    return config


def script_directory(migrations: Path) -> ScriptDirectory:
    """The chain of versions in a service's `migrations` folder."""
    return ScriptDirectory.from_config(_config(migrations))


async def upgrade(database: Database, migrations: Path, *, service: str) -> str:
    """Bring the service's tables to the newest version; returns it.

    Raises:
        TransientError: the database does not answer.
    """
    script = script_directory(migrations)

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _run(connection, _config(migrations), script, service)

    async with database.begin() as connection:
        await connection.run_sync(run)
    return str(script.get_current_head())


def _run(connection: Connection, config: Config, script: ScriptDirectory, service: str) -> None:
    def steps(revision: Any, _context: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001  # what alembic's own `upgrade` command calls

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            version_table=version_table(service),
            render_as_batch=True,
            transactional_ddl=False,  # the caller's transaction holds all of it
        )
        environment.run_migrations()


def version_table(service: str) -> str:
    """Name of the table that remembers the service's version."""
    return f"{service}_version"


async def require_current(database: Database, migrations: Path, *, service: str) -> None:
    """Refuse to run on tables of another version.

    Raises:
        ConfigError: the tables are missing, behind, or newer than this program.
    """
    head = await asyncio.to_thread(lambda: script_directory(migrations).get_current_head())

    def current(connection: Connection) -> str | None:
        return MigrationContext.configure(
            connection, opts={"version_table": version_table(service)}
        ).get_current_revision()

    async with database.begin() as connection:
        found = await connection.run_sync(current)
    if found != head:
        message = f"{service} tables are at version {found or 'none'}, this program needs {head}"
        raise ConfigError.one("database", message, hint="run `orewire db upgrade`")
