"""The ledger and the leases, on real databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from services.ingest.adapters.grouping import Grouped
from services.ingest.adapters.leases import SqlSourceStates
from services.ingest.adapters.store import SqlLedger
from services.ingest.adapters.tables import metadata
from services.ingest.app import MIGRATIONS, NAME
from services.ingest.novelty import Known
from services.ingest.ports import Entry, Settlement
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


async def test_a_source_is_claimed_by_one_replica_at_a_time(tables: Database) -> None:
    replicas = [SqlSourceStates(tables) for _ in range(5)]
    leases = await asyncio.gather(
        *(states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE) for states in replicas)
    )
    [lease] = [lease for lease in leases if lease]
    assert (lease.fence, lease.cursor, lease.failures) == (1, {}, 0)


async def test_a_source_is_not_claimed_before_it_is_due(tables: Database) -> None:
    states = SqlSourceStates(tables)
    lease = await states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE)
    assert lease is not None
    assert await states.settle(lease, Settlement(NOW, NOW + 5 * MINUTE, cursor={"etag": "a"}))
    assert await states.claim("wire", "entry_1", now=NOW + 4 * MINUTE, until=NOW + 5 * MINUTE) is None
    later = await states.claim("wire", "entry_1", now=NOW + 5 * MINUTE, until=NOW + 6 * MINUTE)
    assert later is not None
    assert (later.fence, later.cursor) == (2, {"etag": "a"})


async def test_a_lease_that_ran_out_passes_on_and_its_old_holder_changes_nothing(tables: Database) -> None:
    states = SqlSourceStates(tables)
    slow = await states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE)
    assert slow is not None
    quick = await states.claim("wire", "entry_1", now=NOW + MINUTE, until=NOW + 2 * MINUTE)
    assert quick is not None
    assert quick.fence > slow.fence
    assert not await states.settle(slow, Settlement(NOW, NOW, cursor={"stale": True}))
    assert await states.settle(quick, Settlement(NOW, NOW + MINUTE, cursor={"fresh": True}))
    state = await states.look("wire")
    assert state is not None
    assert state.next_poll_at == NOW + MINUTE


async def test_an_entry_that_was_changed_is_due_and_begins_anew(tables: Database) -> None:
    states = SqlSourceStates(tables)
    lease = await states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE)
    assert lease is not None
    await states.settle(lease, Settlement(NOW, NOW + 60 * MINUTE, cursor={"etag": "a"}))
    lease = await states.claim("wire", "entry_1", now=NOW + 60 * MINUTE, until=NOW + 61 * MINUTE)
    assert lease is not None
    await states.settle(lease, Settlement(NOW, NOW + timedelta(days=1), error="HTTP 429", waits=2))
    later = NOW + 61 * MINUTE
    mended = await states.claim("wire", "entry_2", now=later, until=later + MINUTE)
    assert mended is not None
    assert (mended.cursor, mended.failures, mended.waits) == ({}, 0, 0)
    assert await states.claim("wire", "entry_3", now=later, until=later + MINUTE) is None, "it is being polled"
    after_crash = await states.claim("wire", "entry_2", now=later + MINUTE, until=later + 2 * MINUTE)
    assert after_crash is not None, "the time to wait was the old entry's"


async def test_a_lease_is_renewed_by_its_holder_until_it_is_settled(tables: Database) -> None:
    states = SqlSourceStates(tables)
    lease = await states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE)
    assert lease is not None
    assert await states.renew(lease, until=NOW + 2 * MINUTE)
    assert await states.claim("wire", "entry_1", now=NOW + MINUTE, until=NOW + 3 * MINUTE) is None
    assert await states.settle(lease, Settlement(NOW, NOW))
    assert not await states.renew(lease, until=NOW + 9 * MINUTE)
    assert await states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE) is not None
    assert not await states.renew(lease, until=NOW + 9 * MINUTE)


async def test_failures_are_counted_keep_the_cursor_and_end_with_a_success(tables: Database) -> None:
    states = SqlSourceStates(tables)
    settlements = [
        Settlement(NOW, NOW, cursor={"etag": "a"}),
        Settlement(NOW, NOW, error="HTTP 503" + "x" * 1_000),
        Settlement(NOW, NOW, error="HTTP 503"),
    ]
    for settlement in settlements:
        lease = await states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE)
        assert lease is not None
        await states.settle(lease, settlement)
    lease = await states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE)
    assert lease is not None
    assert (lease.failures, lease.cursor) == (2, {"etag": "a"})
    state = await states.look("wire")
    assert state is not None
    assert (state.last_error, state.last_ok_at) == ("HTTP 503", NOW)
    await states.settle(lease, Settlement(NOW, NOW, cursor={}))
    state = await states.look("wire")
    assert state is not None
    assert (state.failures, state.last_error) == (0, None)


async def test_a_source_nobody_claimed_is_not_known(tables: Database) -> None:
    assert await SqlSourceStates(tables).look("nobody") is None


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
