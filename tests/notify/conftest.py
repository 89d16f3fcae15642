"""A database with notify's tables, once SQLite and once PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.notify.adapters import tables, threads
from shared.db import Database

assert threads.table.metadata is tables.metadata  # every table is made below


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Database]:
    """Empty tables, dropped afterwards."""
    async with database.engine.begin() as connection:
        await connection.run_sync(tables.metadata.drop_all)
        await connection.run_sync(tables.metadata.create_all)
    yield database
    async with database.engine.begin() as connection:
        await connection.run_sync(tables.metadata.drop_all)
