"""Leases on sources, on both databases."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from services.ingest.adapters.leases import SqlSourceStates
from services.ingest.health import History
from services.ingest.ports import Lease, Settlement, SourceState
from shared.db import Database
from shared.events import Trouble
from tests.ingest.conftest import NOW

MINUTE = timedelta(minutes=1)
WELL = History(NOW, NOW - MINUTE, (60, 90), Trouble.SILENT, NOW)


async def claimed(states: SqlSourceStates, source: str, entry: str, *, now: datetime, until: datetime) -> Lease:
    lease = await states.claim(source, entry, now=now, until=until)
    assert isinstance(lease, Lease)
    return lease


async def test_a_source_is_claimed_by_one_replica_at_a_time(tables: Database) -> None:
    replicas = [SqlSourceStates(tables) for _ in range(5)]
    leases = await asyncio.gather(
        *(states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE) for states in replicas)
    )
    [lease] = [lease for lease in leases if isinstance(lease, Lease)]
    assert (lease.fence, lease.cursor, lease.failures) == (1, {}, 0)


async def test_a_source_is_not_claimed_before_it_is_due(tables: Database) -> None:
    states = SqlSourceStates(tables)
    lease = await claimed(states, "wire", "entry_1", now=NOW, until=NOW + MINUTE)
    assert await states.settle(lease, Settlement(NOW, NOW + 5 * MINUTE, cursor={"etag": "a"}))
    assert isinstance(await states.claim("wire", "entry_1", now=NOW + 4 * MINUTE, until=NOW + 5 * MINUTE), SourceState)
    later = await claimed(states, "wire", "entry_1", now=NOW + 5 * MINUTE, until=NOW + 6 * MINUTE)
    assert (later.fence, later.cursor) == (2, {"etag": "a"})


async def test_a_lease_that_ran_out_passes_on_and_its_old_holder_changes_nothing(tables: Database) -> None:
    states = SqlSourceStates(tables)
    slow = await claimed(states, "wire", "entry_1", now=NOW, until=NOW + MINUTE)
    quick = await claimed(states, "wire", "entry_1", now=NOW + MINUTE, until=NOW + 2 * MINUTE)
    assert quick.fence > slow.fence
    assert not await states.settle(slow, Settlement(NOW, NOW, cursor={"stale": True}))
    assert await states.settle(quick, Settlement(NOW, NOW + MINUTE, cursor={"fresh": True}))
    state = (await states.look(["wire"]))["wire"]
    assert state.next_poll_at == NOW + MINUTE


async def test_an_entry_that_was_changed_is_due_and_begins_anew(tables: Database) -> None:
    states = SqlSourceStates(tables)
    lease = await claimed(states, "wire", "entry_1", now=NOW, until=NOW + MINUTE)
    await states.settle(lease, Settlement(NOW, NOW + 60 * MINUTE, cursor={"etag": "a"}))
    lease = await claimed(states, "wire", "entry_1", now=NOW + 60 * MINUTE, until=NOW + 61 * MINUTE)
    await states.settle(lease, Settlement(NOW, NOW + timedelta(days=1), error="HTTP 429", waits=2))
    later = NOW + 61 * MINUTE
    mended = await claimed(states, "wire", "entry_2", now=later, until=later + MINUTE)
    assert (mended.cursor, mended.failures, mended.waits) == ({}, 0, 0)
    assert isinstance(await states.claim("wire", "entry_3", now=later, until=later + MINUTE), SourceState), (
        "it is being polled"
    )
    await claimed(states, "wire", "entry_2", now=later + MINUTE, until=later + 2 * MINUTE)


async def test_a_lease_is_renewed_by_its_holder_until_it_is_settled(tables: Database) -> None:
    states = SqlSourceStates(tables)
    lease = await claimed(states, "wire", "entry_1", now=NOW, until=NOW + MINUTE)
    assert await states.renew(lease, until=NOW + 2 * MINUTE)
    assert isinstance(await states.claim("wire", "entry_1", now=NOW + MINUTE, until=NOW + 3 * MINUTE), SourceState)
    assert await states.settle(lease, Settlement(NOW, NOW))
    assert not await states.renew(lease, until=NOW + 9 * MINUTE)
    assert isinstance(await states.claim("wire", "entry_1", now=NOW, until=NOW + MINUTE), Lease)
    assert not await states.renew(lease, until=NOW + 9 * MINUTE)


async def test_what_was_settled_is_what_the_next_lease_and_people_see(tables: Database) -> None:
    states = SqlSourceStates(tables)
    settlements = [
        Settlement(NOW, NOW, cursor={"etag": "a"}),
        Settlement(NOW, NOW, history=WELL, error="HTTP 503" + "x" * 1_000, failures=1),
        Settlement(NOW, NOW, history=WELL, error="HTTP 503", failures=2),
    ]
    for settlement in settlements:
        lease = await claimed(states, "wire", "entry_1", now=NOW, until=NOW + MINUTE)
        await states.settle(lease, settlement)
    lease = await claimed(states, "wire", "entry_1", now=NOW, until=NOW + MINUTE)
    assert (lease.failures, lease.cursor) == (2, {"etag": "a"})
    state = (await states.look(["wire"]))["wire"]
    assert (state.last_error, state.last_error_at, state.history) == ("HTTP 503", NOW, WELL)
    await states.settle(lease, Settlement(NOW, NOW, cursor={}))
    state = (await states.look(["wire"]))["wire"]
    assert (state.failures, state.last_error) == (0, None)


async def test_a_source_nobody_claimed_is_not_known(tables: Database) -> None:
    assert await SqlSourceStates(tables).look(["nobody"]) == {}


async def test_many_sources_are_claimed_renewed_and_settled_at_once(tables: Database) -> None:
    states, other = SqlSourceStates(tables), SqlSourceStates(tables)
    names = [f"feed-{number}" for number in range(300)]

    async def all_of(replica: SqlSourceStates) -> list[Lease]:
        answers = await asyncio.gather(*(replica.claim(name, "e", now=NOW, until=NOW + MINUTE) for name in names))
        return [answer for answer in answers if isinstance(answer, Lease)]

    mine, theirs = await asyncio.gather(all_of(states), all_of(other))
    assert sorted(lease.source_id for lease in mine + theirs) == sorted(names)
    assert all(await asyncio.gather(*(states.renew(lease, until=NOW + 2 * MINUTE) for lease in mine)))
    assert all(await asyncio.gather(*(states.settle(lease, Settlement(NOW, NOW + MINUTE)) for lease in mine + theirs)))
    assert {state.next_poll_at for state in (await other.look(names)).values()} == {NOW + MINUTE}


async def test_what_people_know_of_a_source_outlives_its_entry(tables: Database) -> None:
    states = SqlSourceStates(tables)
    lease = await claimed(states, "wire", "entry_1", now=NOW, until=NOW + MINUTE)
    await states.settle(lease, Settlement(NOW, NOW, history=WELL, pace="backoff"))
    changed = await claimed(states, "wire", "entry_2", now=NOW, until=NOW + MINUTE)
    assert (changed.cursor, changed.history) == ({}, WELL)
