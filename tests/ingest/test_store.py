"""The ledger and the leases, on real databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from services.ingest.adapters.grouping import Grouped
from services.ingest.adapters.store import SqlLedger
from services.ingest.adapters.tables import metadata
from services.ingest.app import MIGRATIONS, NAME
from services.ingest.novelty import Known
from services.ingest.ports import Entry
from shared.db import Database, open_database
from shared.db.migrate import require_current, upgrade
from shared.events import Article
from tests.ingest.conftest import NOW, FrozenClock

MINUTE = timedelta(minutes=1)


def entry(number: int) -> Entry:
    return Entry(article(number), f"stamp {number}", f"said {number}", f"headline {number}"[:16], (f"key_{number}",))


def article(number: int) -> Article:
    return Article(id=f"art_{number}", text="x", source_id="wire", fetched_at=NOW, url=f"https://n.example/{number}")


async def test_what_was_recorded_is_known_and_only_that(tables: Database) -> None:
    ledger = SqlLedger(tables, FrozenClock())
    assert await ledger.record([entry(1), entry(2)]) == {"art_1", "art_2"}
    known = await ledger.known(["art_1", "art_3", "key_1", "key_3"])
    assert known == dict.fromkeys(["art_1", "key_1"], Known("art_1", "wire", 1, "stamp 1", "said 1", "headline 1"))
    assert await ledger.record([entry(2), entry(3)]) == {"art_3"}


async def test_of_many_replicas_one_records_an_article_first(tables: Database) -> None:
    replicas = [SqlLedger(tables, FrozenClock()) for _ in range(4)]
    won = await asyncio.gather(*(ledger.record([entry(n) for n in range(5)]) for ledger in replicas for _ in range(3)))
    assert sorted(article_id for ids in won for article_id in ids) == [f"art_{n}" for n in range(5)]


async def test_more_ids_than_one_statement_takes_are_no_problem(tables: Database) -> None:
    ledger = SqlLedger(tables, FrozenClock())
    await ledger.record([entry(n) for n in range(1_200)])
    assert len(await ledger.known([f"art_{n}" for n in range(1_300)])) == 1_200


async def test_callers_at_the_same_time_share_a_call() -> None:
    calls: list[list[int]] = []

    async def double(items: Sequence[int]) -> dict[int, int]:
        calls.append(list(items))
        await asyncio.sleep(0)
        return {item: 2 * item for item in items}

    grouped: Grouped[int, dict[int, int]] = Grouped(double)
    answers = await asyncio.gather(*(grouped([n]) for n in range(50)))
    assert all(answer[n] == 2 * n for n, answer in enumerate(answers))
    assert len(calls) <= 3


async def test_a_failing_call_fails_for_all_who_share_it_and_the_next_one_works() -> None:
    broken = True

    async def run(items: Sequence[int]) -> int:
        if broken:
            raise OSError("disk full")
        return len(items)

    grouped: Grouped[int, int] = Grouped(run)
    results = await asyncio.gather(grouped([1]), grouped([2]), return_exceptions=True)
    assert all(isinstance(result, OSError) for result in results)
    broken = False
    assert await grouped([1]) == 1


async def test_a_caller_that_gives_up_does_not_disturb_the_others() -> None:
    gate = asyncio.Event()

    async def run(items: Sequence[int]) -> int:
        await gate.wait()
        return len(items)

    grouped: Grouped[int, int] = Grouped(run)
    first, second = asyncio.create_task(grouped([1])), asyncio.create_task(grouped([2]))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == 2
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_the_migrations_build_the_tables_the_code_uses(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/m.db")
    await upgrade(database, MIGRATIONS, service=NAME)
    await require_current(database, MIGRATIONS, service=NAME)

    def columns(connection: Connection) -> dict[str, set[str]]:
        names = inspect(connection).get_table_names()
        return {name: {c["name"] for c in inspect(connection).get_columns(name)} for name in names}

    async with database.begin() as connection:
        found = await connection.run_sync(columns)
    await database.close()
    for table in metadata.sorted_tables:
        assert found[table.name] == {column.name for column in table.columns}
