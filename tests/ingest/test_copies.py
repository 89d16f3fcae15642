"""Sketches on real databases: what one replica has seen, every other recognises, and a week later none does."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from services.ingest.adapters import tables as schema
from services.ingest.adapters.copies import KEPT, SqlCopies
from services.ingest.adapters.store import SqlLedger
from services.ingest.drafting import Piece
from services.ingest.found import Found, Origin
from services.ingest.lookalike import sketch
from services.ingest.ports import Entry
from shared.db import Database
from shared.events import Article
from tests.ingest.conftest import NOW, Desk, FrozenClock
from tests.kit.news import prose


def desk_on(database: Database, clock: FrozenClock) -> Desk:
    return Desk(ledger=SqlLedger(database, clock), copies=SqlCopies(database, clock), clock=clock)


def entry(number: int, text: str, *, revision: int = 1) -> Entry:
    article = Article(id=f"art_{number}", text=text, source_id="wire", fetched_at=NOW, revision=revision)
    return Entry(article, "stamp", "said", "headline", (), sketch(f"\n{text}"))


async def test_a_copy_seen_by_another_replica_names_the_article_it_copies(tables: Database) -> None:
    clock = FrozenClock()
    one, other = desk_on(tables, clock), desk_on(tables, clock)
    text = prose(1, run="a", published_at="")["text"]
    [first] = await one.collect().accept([Piece(Found(title="A", text=text, url="https://a.example/1"), Origin("a"))])
    clock.advance(timedelta(minutes=5))
    copies = [Found(title=f"B{n}", text=f"{text}\nLocal line {n}.", url=f"https://b.example/{n}") for n in range(2)]
    await other.collect().accept([Piece(copy, Origin("b")) for copy in copies])
    assert [article.copy_of for article in other.publisher.articles] == [first.id, first.id]


async def test_a_revision_replaces_the_sketch_and_a_stale_one_does_not(tables: Database) -> None:
    ledger = SqlLedger(tables, FrozenClock())
    texts = [prose(number, run="r", published_at="")["text"] for number in range(3)]
    assert await ledger.record([entry(1, texts[0])]) == {"art_1"}
    assert await ledger.record([entry(1, texts[1], revision=2)]) == {"art_1"}
    assert await ledger.record([entry(1, texts[2], revision=2)]) == frozenset()
    copies = SqlCopies(tables, FrozenClock())
    made = [it for text in texts if (it := sketch(f"\n{text}"))]
    found = [await copies.meeting(it.keys) for it in made]
    assert [[one.sketch == made[1] for one in seen] for seen in found] == [[True], [True], []]


async def test_sketches_are_forgotten_after_a_week(tables: Database) -> None:
    clock = FrozenClock()
    ledger = SqlLedger(tables, clock)
    texts = [prose(number, run="w", published_at="")["text"] for number in range(2)]
    await ledger.record([entry(0, texts[0])])
    clock.advance(timedelta(days=KEPT + 1))
    await ledger.record([entry(1, texts[1])])
    async with tables.begin() as connection:
        kept = (await connection.scalars(select(schema.sketches.c.article_id))).all()
        bands = await connection.scalar(select(func.count()).select_from(schema.bands))
    assert (kept, bands) == (["art_1"], 16)
    assert set(await ledger.known(["art_0", "art_1"])) == {"art_0", "art_1"}


async def test_what_is_noted_of_an_article_is_known_afterwards(tables: Database) -> None:
    ledger = SqlLedger(tables, FrozenClock())
    await ledger.record([entry(1, "x")])
    await ledger.note({"art_1": "other", "art_9": "nobody"}, {"art_alias": "art_1"})
    known = await ledger.known(["art_alias"])
    assert known["art_alias"].id == "art_1"
    assert known["art_alias"].stamp == "other"
