"""The engine on real databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import asyncpg
import pytest
from sqlalchemy import Column, Integer, Table, select, update

from shared.db import Database, UtcDateTime, new_metadata, open_database
from shared.errors import ConfigError, TransientError

AT = datetime(2026, 3, 1, 20, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
METADATA = new_metadata()
COUNTERS = Table("test_counters", METADATA, Column("id", Integer, primary_key=True), Column("n", Integer))
TIMES = Table("test_times", METADATA, Column("id", Integer, primary_key=True), Column("at", UtcDateTime))


async def _fresh(database: Database) -> None:
    async with database.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
        await connection.run_sync(METADATA.create_all)


async def test_read_then_write_in_parallel_loses_no_update(database: Database) -> None:
    await _fresh(database)
    async with database.begin() as connection:
        await connection.execute(COUNTERS.insert().values(id=1, n=0))

    async def increment() -> None:
        async with database.begin() as connection:
            query = select(COUNTERS.c.n).where(COUNTERS.c.id == 1).with_for_update()
            number = (await connection.execute(query)).scalar_one()
            await connection.execute(update(COUNTERS).values(n=number + 1))

    await asyncio.gather(*(increment() for _ in range(50)))
    async with database.begin() as connection:
        assert (await connection.execute(select(COUNTERS.c.n))).scalar_one() == 50


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    await _fresh(database)
    async with database.begin() as connection:
        await connection.execute(TIMES.insert().values(id=1, at=AT))
        found = (await connection.execute(select(TIMES.c.at))).scalar_one()
    assert found == AT
    assert found.tzinfo is UTC


async def test_a_naive_time_is_refused(database: Database) -> None:
    await _fresh(database)
    with pytest.raises(Exception, match="naive datetime"):
        async with database.begin() as connection:
            await connection.execute(TIMES.insert().values(id=1, at=AT.replace(tzinfo=None)))


async def test_on_conflict_works_on_both(database: Database) -> None:
    await _fresh(database)
    statement = database.insert(COUNTERS).values(id=1, n=5)
    for _ in range(2):
        async with database.begin() as connection:
            await connection.execute(statement.on_conflict_do_nothing())
    async with database.begin() as connection:
        await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"n": 9}))
        assert (await connection.execute(select(COUNTERS.c.n))).scalar_one() == 9


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    await _fresh(database)

    async def fails_halfway() -> None:
        async with database.begin() as connection:
            await connection.execute(COUNTERS.insert().values(id=1, n=1))
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await fails_halfway()
    async with database.begin() as connection:
        assert (await connection.execute(select(COUNTERS))).all() == []


async def test_an_unreachable_database_is_a_passing_failure() -> None:
    database = open_database("postgresql://nobody:nothing@127.0.0.1:1/none")
    with pytest.raises(TransientError, match="database:"):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url", "oracle://x"])
def test_a_url_of_another_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="OREWIRE_DATABASE_URL"):
        open_database(url)


async def test_too_many_connections_are_a_passing_failure(postgres_url: str) -> None:
    error = asyncpg.TooManyConnectionsError("sorry, too many clients already")
    database = open_database(postgres_url)

    async def fails() -> None:
        async with database.begin():
            raise error

    with pytest.raises(TransientError, match="too many clients"):
        await fails()
    await database.close()
