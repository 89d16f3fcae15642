"""Collect: of the articles found, publish each new one exactly once, and say what became of every one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

from services.ingest.compose import Detect, compose, stale_unread
from services.ingest.found import Extracted, Found, Origin
from services.ingest.novelty import Reason, Status, Verdict, identity, judge, rejected
from services.ingest.ports import Ledger, ReadPage
from shared.clock import Clock
from shared.errors import PermanentError, TransientError
from shared.events import Article, ArticleCollected
from shared.publish import Publisher

BATCH: Final = 64
"""Articles published at a time, and recorded in one transaction."""
LONG: Final = 32 * 1024
"""Characters from which on an article is composed in a thread."""
T = TypeVar("T")
Tally = Callable[[Origin, Verdict], None]
"""Counts what became of an article."""


@dataclass(frozen=True)
class Piece:
    """One found article and where it comes from."""

    found: Found
    origin: Origin


class Collect:
    """Publish first, record afterwards: a crash in between repeats a publication, which JetStream drops by
    its message id; the other way round an article would be lost.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        publisher: Publisher,
        read_page: ReadPage,
        detect: Detect,
        clock: Clock,
        tally: Tally,
    ) -> None:
        self._ledger, self._publisher, self._read_page = ledger, publisher, read_page
        self._detect, self._clock, self._tally = detect, clock, tally

    async def accept(self, pieces: Sequence[Piece], *, patient: bool = False) -> list[Verdict]:
        """What became of each piece, in the same order.

        Args:
            pieces: what was found.
            patient: an article whose page cannot be had now is postponed, for the caller to hand in again.
                Otherwise it is published with the words its source has for it, once and for all.

        Raises:
            TransientError: NATS or the database cannot be reached. Hand the same pieces in again: those that
                were published by then are recognised.
        """
        verdicts: list[Verdict] = []
        for batch in _batches(pieces, BATCH):
            verdicts += await self._accept(batch, patient=patient)
        for piece, verdict in zip(pieces, verdicts, strict=True):
            self._tally(piece.origin, verdict)
        return verdicts

    async def _accept(self, batch: Sequence[Piece], *, patient: bool) -> list[Verdict]:
        early = {_early_id(piece.found) for piece in batch}
        published = await self._known(early)
        drafts = await asyncio.gather(*(self._draft(piece, published, patient=patient) for piece in batch))
        late = {draft.id for draft in drafts if isinstance(draft, Article)} - early  # known only by text or page
        taken = set(published | await self._known(late))
        verdicts: list[Verdict] = []
        fresh: dict[int, Article] = {}
        for index, draft in enumerate(drafts):
            verdict = draft if isinstance(draft, Verdict) else _judged(draft, taken)
            if isinstance(draft, Article) and verdict.status is Status.ACCEPTED:
                taken.add(draft.id)
                fresh[index] = draft
            verdicts.append(verdict)
        for index, verdict in (await self._publish(fresh)).items():
            verdicts[index] = verdict
        return verdicts

    async def _known(self, ids: AbstractSet[str | None]) -> frozenset[str]:
        asked = frozenset(article_id for article_id in ids if article_id)
        return await self._ledger.published(asked) if asked else frozenset()

    async def _draft(self, piece: Piece, published: frozenset[str], *, patient: bool) -> Article | Verdict:
        """The article, with its page read where needed; a known address is not fetched again."""
        early = _early_id(piece.found)
        if early in published:
            return judge(early, published=published)
        if stale := stale_unread(piece.found, piece.origin, self._clock.now()):
            return stale
        page = await self._page(piece.found, patient=patient)
        if isinstance(page, Verdict):
            return page
        write = partial(
            compose, piece.found, page, origin=piece.origin, fetched_at=self._clock.now(), detect=self._detect
        )
        return await asyncio.to_thread(write) if _is_long(piece.found, page) else write()

    async def _page(self, found: Found, *, patient: bool) -> Extracted | Verdict | None:
        if not (found.html or found.follow):
            return None
        try:
            return await self._read_page(found)
        except (TransientError, PermanentError) as error:
            unreachable = isinstance(error, TransientError)
            if patient and unreachable:
                return Verdict(Status.POSTPONED, Reason.PAGE_UNREACHABLE, _early_id(found), str(error))
            if found.title or found.text:
                return None  # the feed's own words are better than nothing
            return rejected(Reason.PAGE_UNREACHABLE if unreachable else Reason.NO_ARTICLE_FOUND, str(error))

    async def _publish(self, fresh: dict[int, Article]) -> dict[int, Verdict]:
        """Publish all, record those that went out, then report the first failure that time may heal."""
        sent = await asyncio.gather(*(self._send(article) for article in fresh.values()), return_exceptions=True)
        outcomes = dict(zip(fresh, sent, strict=True))
        out = [fresh[index] for index, outcome in outcomes.items() if outcome is None]
        first_seen = await self._ledger.record(out) if out else frozenset()
        verdicts: dict[int, Verdict] = {}
        for index, outcome in outcomes.items():
            if isinstance(outcome, PermanentError):
                verdicts[index] = rejected(Reason.TOO_LARGE, str(outcome))
            elif outcome is not None:
                raise outcome
            elif fresh[index].id not in first_seen:  # another replica was a moment faster
                verdicts[index] = Verdict(Status.DUPLICATE, Reason.ALREADY_PUBLISHED, fresh[index].id)
        return verdicts

    async def _send(self, article: Article) -> None:
        event = ArticleCollected(article=article, collected_at=self._clock.now())
        await self._publisher.publish(event, correlation_id=article.id)


def _early_id(found: Found) -> str | None:
    """The id, where the address alone tells it."""
    return identity(url=found.url, client_id=None, text="") if found.url else None


def _is_long(found: Found, page: Extracted | None) -> bool:
    """Whether composing it would hold up everything else in this process."""
    return len(found.text) + len(found.title) + len(page.text if page else "") > LONG


def _judged(article: Article, taken: set[str]) -> Verdict:
    note = "text cut at the size limit" if article.truncated else ""
    return replace(judge(article.id, published=taken), note=note, date_refused=article.date_refused)


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
