"""The engine: SQLite by default, PostgreSQL by URL, the same code on both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import asyncpg
from sqlalchemy import Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.errors import ConfigError, TransientError

# Busy timeout first: switching to WAL needs the lock too. FULL, because an acknowledged message is gone
# from NATS and must survive a power cut in our file.
_PRAGMAS = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
_LATER = ("08", "40", "53", "57", "55P03", "25006")
"""SQLSTATE classes that pass: connection, rollback by conflict, resources, operator intervention, a lock not had,
a standby that only reads."""
_POSTGRES = {"timeout": 5, "command_timeout": 30}
"""Seconds to connect, and for one statement: a half-open connection must not hold a handler for ever."""
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class Database:
    """An engine with one kind of transaction: short, explicit, safe against lost updates."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        # SQLite has one writer. Queueing for it here is quick and fair; its own busy handler sleeps in steps.
        self._turn: AbstractAsyncContextManager[None] = asyncio.Lock() if self.dialect == "sqlite" else nullcontext()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One write transaction, committed at the end, rolled back on an error.

        Raises:
            TransientError: the database is busy or unreachable; the transaction had no effect.
        """
        try:
            async with self._turn, self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
            raise TransientError(f"database: {_first_line(error)}") from error
        except DBAPIError as error:
            if error.connection_invalidated or _retryable(error.orig):
                raise TransientError(f"database: {_first_line(error)}") from error
            raise
        except asyncpg.PostgresError as error:  # SQLAlchemy does not wrap what fails while connecting
            if _retryable(error):
                raise TransientError(f"database: {_first_line(error)}") from error
            raise

    def insert(self, table: Table) -> Any:
        """An INSERT that knows ON CONFLICT, whichever the database."""
        return postgresql.insert(table) if self.dialect == "postgresql" else sqlite.insert(table)

    async def ping(self) -> None:
        """Ask the database for one row.

        Raises:
            TransientError: it does not answer.
        """
        async with self.begin() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def async_url(url: str) -> str:
    """The URL with the async driver this project uses.

    Raises:
        ConfigError: the URL is none, or names a database that is not supported.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError.one("environment OREWIRE_DATABASE_URL", "not a database URL") from error
    family = parsed.drivername.split("+")[0]
    if family not in _DRIVERS:
        hint = "use sqlite:///file.db or postgresql://user:password@host/name"
        raise ConfigError.one("environment OREWIRE_DATABASE_URL", f"database {family!r} is not supported", hint=hint)
    return parsed.set(drivername=_DRIVERS[family]).render_as_string(hide_password=False)


def open_database(url: str) -> Database:
    """Open (lazily) the database at `url`.

    Raises:
        ConfigError: the URL cannot be used.
    """
    address = async_url(url)
    if address.startswith("postgresql"):
        return Database(create_async_engine(address, pool_pre_ping=True, connect_args=_POSTGRES))
    engine = create_async_engine(address)
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return Database(engine)


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own begins too late to be safe
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _retryable(error: BaseException | None) -> bool:
    """Whether PostgreSQL says that the same may work later: see `_LATER`."""
    state = getattr(error, "sqlstate", None) or ""
    return state.startswith(_LATER)


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0][:200]
