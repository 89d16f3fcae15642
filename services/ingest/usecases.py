"""Collect: of the articles found, publish each new one exactly once, and say what became of every one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from services.ingest.compose import Detect, compose
from services.ingest.found import Extracted, Found, Origin
from services.ingest.novelty import Reason, Status, Verdict, identity, judge, rejected
from services.ingest.ports import Ledger, ReadPage
from shared.clock import Clock
from shared.errors import PermanentError, TransientError
from shared.events import Article, ArticleCollected
from shared.publish import Publisher

BATCH: Final = 64
"""Articles published at a time, and recorded in one transaction."""
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

    async def accept(self, pieces: Sequence[Piece]) -> list[Verdict]:
        """What became of each piece, in the same order.

        Raises:
            TransientError: NATS or the database cannot be reached. Hand the same pieces in again: those that
                were published by then are recognised.
        """
        verdicts: list[Verdict] = []
        for batch in _batches(pieces, BATCH):
            verdicts += await self._accept(batch)
        for piece, verdict in zip(pieces, verdicts, strict=True):
            self._tally(piece.origin, verdict)
        return verdicts

    async def _accept(self, batch: Sequence[Piece]) -> list[Verdict]:
        published = await self._known([_early_id(piece.found) for piece in batch])
        drafts = await asyncio.gather(*(self._draft(piece, published) for piece in batch))
        late = [draft.id for draft in drafts if isinstance(draft, Article) and draft.url is None]
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

    async def _known(self, ids: Sequence[str | None]) -> frozenset[str]:
        asked = frozenset(article_id for article_id in ids if article_id)
        return await self._ledger.published(asked) if asked else frozenset()

    async def _draft(self, piece: Piece, published: frozenset[str]) -> Article | Verdict:
        """The article, with its page read where needed; a known address is not fetched again."""
        early = _early_id(piece.found)
        if early in published:
            return judge(early, published=published)
        page = await self._page(piece.found)
        if isinstance(page, Verdict):
            return page
        return compose(piece.found, page, origin=piece.origin, fetched_at=self._clock.now(), detect=self._detect)

    async def _page(self, found: Found) -> Extracted | Verdict | None:
        if not (found.html or found.follow):
            return None
        try:
            return await self._read_page(found)
        except (TransientError, PermanentError) as error:
            if found.title or found.text:
                return None  # the feed's own words are better than nothing
            unreachable = isinstance(error, TransientError)
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


def _judged(article: Article, taken: set[str]) -> Verdict:
    note = "text cut at the size limit" if article.truncated else ""
    return replace(judge(article.id, published=taken), note=note)


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
