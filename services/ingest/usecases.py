"""Collect: of the articles found, publish each new one and each new revision once, and say what became of every one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from services.ingest.age import Age, age_of
from services.ingest.compose import Prepared
from services.ingest.drafting import Allowance, Drafting, Piece
from services.ingest.found import Origin
from services.ingest.lookalike import Gallery
from services.ingest.novelty import Known, Reason, Status, Verdict, judge, recognise, rejected
from services.ingest.ports import Copies, Entry, Ledger
from shared.clock import Clock
from shared.errors import PermanentError
from shared.events import Article, ArticleCollected
from shared.publish import Publisher

BATCH: Final = 256
"""Articles published and recorded together; meanwhile the next ones are prepared."""
PUBLISHING: Final = 4
"""Articles on their way to JetStream at a time. It writes one after the other to the disk, so that more of them only
wait: measured on two busy cores, 1 to 4 at a time are stored faster than 64."""
RECHECKS: Final = 5
"""Pages of known articles that are fetched again for one call: a feed that touches all of its entries at every poll
must not have its whole site fetched each time."""
FUTURE: Final = "future_date"
"""Why a date is not believed that lies ahead; see `Article.date_refused`."""
Tally = Callable[[Origin, Verdict], None]
"""Counts what became of an article."""
Ages = Callable[[Origin, Age], None]
"""Counts what the date of an article says that would be new."""


@dataclass
class _Batch:
    """What is being decided: a verdict for each piece, in order, and what follows from them."""

    pieces: Sequence[Piece]
    backfill: bool
    known: dict[str, Known] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    fresh: dict[int, Prepared] = field(default_factory=dict)
    old: list[Prepared] = field(default_factory=list)
    stamps: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)


class Collect:
    """Publish first, record afterwards: a crash in between repeats a publication, which JetStream drops by
    its message id; the other way round an article would be lost.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        copies: Copies,
        publisher: Publisher,
        drafting: Drafting,
        clock: Clock,
        tally: Tally,
        ages: Ages,
    ) -> None:
        self._ledger, self._copies, self._publisher, self._drafting = ledger, copies, publisher, drafting
        self._clock, self._tally, self._ages = clock, tally, ages

    async def accept(self, pieces: Sequence[Piece], *, patient: bool = False, backfill: bool = False) -> list[Verdict]:
        """What became of each piece, in the same order.

        Args:
            pieces: what was found.
            patient: an article whose page cannot be had now is postponed, for the caller to hand in again.
                Otherwise it is published with the words its source has for it, once and for all.
            backfill: the articles are for the record: of any age, and marked so that they alert nobody.

        Raises:
            TransientError: NATS or the database cannot be reached. Hand the same pieces in again: those that
                were published by then are recognised.
        """
        if backfill:
            pieces = [Piece(piece.found, replace(piece.origin, max_age=None)) for piece in pieces]
        batches = [_Batch(part, backfill) for part in _batches(pieces)]
        draft = partial(self._draft, rechecks=Allowance(RECHECKS), patient=patient)
        verdicts: list[Verdict] = []
        ahead = asyncio.ensure_future(draft(batches[0])) if batches else None
        try:
            for number, batch in enumerate(batches, start=1):
                assert ahead is not None
                results = await ahead
                ahead = asyncio.ensure_future(draft(batches[number])) if number < len(batches) else None
                verdicts += await self._conclude(batch, results)
        finally:
            if ahead is not None:
                ahead.cancel()
        for piece, verdict in zip(pieces, verdicts, strict=True):
            self._tally(piece.origin, verdict)
        return verdicts

    async def _draft(self, batch: _Batch, *, rechecks: Allowance, patient: bool) -> list[Prepared | Verdict]:
        """Prepare what is not known yet, while the batch before is on its way to JetStream."""
        announced = [draft for piece in batch.pieces if (draft := piece.announced)]
        await self._learn(batch, {key for draft in announced for key in (draft.id, *draft.keys) if key})
        prepare = partial(self._drafting, known=dict(batch.known), patient=patient, rechecks=rechecks)
        reading = {n: asyncio.ensure_future(prepare(piece)) for n, piece in enumerate(batch.pieces) if piece.has_page}
        await asyncio.gather(*reading.values())
        results: list[Prepared | Verdict] = []
        for number, piece in enumerate(batch.pieces):
            results.append(await (reading.get(number) or prepare(piece)))
            await asyncio.sleep(0)  # whoever waits for an acknowledgement comes first
        return results

    async def _conclude(self, batch: _Batch, results: Sequence[Prepared | Verdict]) -> list[Verdict]:
        """Judge by what is known now, publish, and record."""
        ready = [result for result in results if isinstance(result, Prepared)]
        await self._learn(batch, {key for it in ready for key in (it.draft.id, *it.draft.keys)})
        for index, result in enumerate(results):
            verdict = self._judged(batch, index, result) if isinstance(result, Prepared) else result
            batch.verdicts.append(verdict)
            self._note(batch, batch.pieces[index], result, verdict)
        await self._mark_copies(batch)
        await self._publish(batch)
        if batch.stamps or batch.aliases:
            await self._ledger.note(batch.stamps, batch.aliases)
        return batch.verdicts

    async def _learn(self, batch: _Batch, keys: Collection[str]) -> None:
        """Look up what is known. A backfill brings what was too old before, too."""
        if keys:
            found = await self._ledger.known(keys)
            batch.known |= {key: known for key, known in found.items() if known.revision or not batch.backfill}

    def _judged(self, batch: _Batch, index: int, it: Prepared) -> Verdict:
        before = recognise(it.draft, batch.known)
        verdict = judge(it.draft, before)
        if verdict.status is not Status.ACCEPTED:
            return verdict
        if verdict.id in batch.taken:  # found twice at a time; a change among them shows at the next poll
            return Verdict(Status.DUPLICATE, Reason.ALREADY_PUBLISHED, verdict.id)
        origin = batch.pieces[index].origin
        if before is None and self._age(origin, it.article) is Age.TOO_OLD:
            batch.old.append(it)
            return Verdict(Status.REJECTED, Reason.TOO_OLD, it.draft.id)
        self._take(batch, index, it, before)
        note = "text cut at the size limit" if it.article.truncated else ""
        return replace(verdict, note=note, date_refused=it.article.date_refused)

    def _age(self, origin: Origin, article: Article) -> Age:
        age = age_of(article.published_at, fetched_at=article.fetched_at, max_age=origin.max_age)
        if article.date_refused == FUTURE:
            age = Age.IN_THE_FUTURE
        self._ages(origin, age)
        return age

    def _take(self, batch: _Batch, index: int, it: Prepared, before: Known | None) -> None:
        update = {"id": before.id, "revision": before.revision + 1, "copy_of": before.copy_of} if before else {}
        article = it.article.model_copy(update={**update, "backfill": batch.backfill})
        batch.fresh[index] = replace(it, article=article)
        now_known = Known(
            article.id, article.source_id, article.revision, it.draft.stamp, it.draft.said, it.draft.headline
        )
        batch.taken.add(article.id)
        batch.known |= dict.fromkeys((it.draft.id, *it.draft.keys), now_known)

    def _note(self, batch: _Batch, piece: Piece, result: Prepared | Verdict, verdict: Verdict) -> None:
        """A known article that was looked at and has not changed is not looked at again until its entry changes."""
        if verdict.reason is Reason.TOO_OLD and isinstance(result, Verdict):
            self._ages(piece.origin, Age.TOO_OLD)
        if verdict.status is not Status.DUPLICATE or verdict.reason is Reason.RECHECK_LATER:
            return
        draft = result.draft if isinstance(result, Prepared) else piece.announced
        before = recognise(draft, batch.known) if draft else None
        if draft is None or before is None or before.id in batch.taken:
            return
        if before.source_id == draft.source_id and before.stamp != draft.stamp:
            batch.stamps[before.id] = draft.stamp
        if draft.id and draft.id not in batch.known:
            batch.aliases[draft.id] = before.id

    async def _mark_copies(self, batch: _Batch) -> None:
        """Articles of one batch are copies of each other as well, the first one being the original."""
        new = {index: it for index, it in batch.fresh.items() if it.sketch and it.article.revision == 1}
        if not new:
            return
        keys = [key for it in new.values() if it.sketch for key in it.sketch.keys]
        gallery = Gallery(await self._copies.meeting(keys))
        for index, it in new.items():
            article = it.article
            origin = gallery.hang(article.id, article.fetched_at, it.sketch) if it.sketch else None
            batch.fresh[index] = replace(it, article=article.model_copy(update={"copy_of": origin}))

    async def _publish(self, batch: _Batch) -> None:
        """Publish all, record those that went out, then report the first failure that time may heal."""
        fresh = batch.fresh
        outcomes = await self._sent(fresh)
        out = [_entry(fresh[index]) for index, outcome in outcomes.items() if outcome is None]
        out += [replace(_entry(it), article=it.article.model_copy(update={"revision": 0})) for it in batch.old]
        first_seen = await self._ledger.record(out) if out else frozenset()
        for index, outcome in outcomes.items():
            if isinstance(outcome, PermanentError):
                batch.verdicts[index] = rejected(Reason.TOO_LARGE, str(outcome))
            elif outcome is not None:
                raise outcome
            elif fresh[index].article.id not in first_seen:  # another replica was a moment faster
                known = fresh[index].article.id
                batch.verdicts[index] = Verdict(Status.DUPLICATE, Reason.ALREADY_PUBLISHED, known)

    async def _sent(self, fresh: Mapping[int, Prepared]) -> dict[int, BaseException | None]:
        """Publish them, PUBLISHING at a time; what came of each."""
        outcomes: dict[int, BaseException | None] = {}
        waiting = iter(fresh.items())

        async def work() -> None:
            for index, it in waiting:
                try:
                    await self._send(it.article)
                    outcomes[index] = None
                except Exception as error:  # noqa: BLE001 - the others go on; it is raised when they are done
                    outcomes[index] = error

        await asyncio.gather(*(work() for _ in range(min(PUBLISHING, len(fresh)))))
        return outcomes

    async def _send(self, article: Article) -> None:
        event = ArticleCollected(article=article, collected_at=self._clock.now())
        await self._publisher.publish(event, correlation_id=article.id)


def _entry(it: Prepared) -> Entry:
    draft = it.draft
    aliases = tuple(key for key in (draft.id, *draft.keys) if key != it.article.id)
    return Entry(it.article, draft.stamp, draft.said, draft.headline, aliases, it.sketch)


def _batches(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    for start in range(0, len(pieces), BATCH):
        yield pieces[start : start + BATCH]
