"""Articles that clients hand in, by HTTP or on the bus: as many as one request may carry, with a result for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from services.ingest.drafting import Piece
from services.ingest.found import API_SOURCE, Found, Origin
from services.ingest.incoming import Mistake, lines_of, read_article
from services.ingest.novelty import Reason, Verdict, rejected
from services.ingest.usecases import BATCH, Collect
from shared.errors import PermanentError

MAX_LINES: Final = 10_000
"""Lines of one request; more articles go into more requests."""
MAX_PAGES: Final = 100
"""Pages fetched for one request."""
LINES_AHEAD: Final = 2 * BATCH
"""Lines read at a time."""
SHORT: Final = 64 * 1024
"""Bytes below which reading a body in a thread costs more than it saves."""
OriginOf = Callable[[str], Origin]


class Submissions:
    """The use case behind both edges."""

    def __init__(self, collect: Collect, origin_of: OriginOf) -> None:
        self._collect, self._origin_of = collect, origin_of

    async def one(self, body: bytes) -> list[dict[str, Any]] | Mistake:
        """The result for a single article, or what is wrong with it.

        Raises:
            TransientError: it cannot be stored now; hand it in again.
        """
        article = await _aside(read_article, body, size=len(body))
        return article if isinstance(article, Mistake) else await self._batch({1: article})

    async def many(self, body: bytes) -> list[dict[str, Any]]:
        """A result for each line that is not blank; bad lines are named, good ones kept.

        Raises:
            PermanentError: there are too many lines (`too_many_lines`), or none (`no_articles`).
            TransientError: they cannot be stored now; hand all of them in again.
        """
        if body.strip().count(b"\n") >= MAX_LINES:
            raise PermanentError("too_many_lines", f"One request may carry {MAX_LINES} articles.")
        lines = lines_of(body)
        results: list[dict[str, Any]] = []
        pages = MAX_PAGES
        while articles := await _aside(_next_batch, lines, size=len(body)):
            pages = _spend(pages, articles)
            results += await self._batch(articles)
        if not results:
            raise PermanentError("no_articles", "The body holds no line.")
        return results

    async def _batch(self, articles: Mapping[int, Found | Mistake]) -> list[dict[str, Any]]:
        good = {number: found for number, found in articles.items() if isinstance(found, Found)}
        accepted = await self._collect.accept([self._piece(found) for found in good.values()])
        verdicts = dict(zip(good, accepted, strict=True))
        for number, article in articles.items():
            if isinstance(article, Mistake):
                verdicts[number] = rejected(article.reason, article.note)
        return [_result(number, verdicts[number]) for number in articles]

    def _piece(self, found: Found) -> Piece:
        return Piece(found, self._origin_of(found.source_id or API_SOURCE))


async def _aside(work: Callable[[Any], Any], given: Any, *, size: int) -> Any:
    """Do it in a thread where it would hold up everything else."""
    return work(given) if size <= SHORT else await asyncio.to_thread(work, given)


def _next_batch(lines: Iterator[tuple[int, bytes]]) -> dict[int, Found | Mistake]:
    return {number: read_article(line) for number, line in islice(lines, LINES_AHEAD)}


def _spend(pages: int, articles: dict[int, Found | Mistake]) -> int:
    """Turn those that need a page fetched into mistakes once `pages` are spent; returns what is left."""
    for number, article in articles.items():
        if isinstance(article, Found) and article.follow:
            if pages == 0:
                note = f"one request may have {MAX_PAGES} pages fetched; send this one again in another"
                articles[number] = Mistake(Reason.TOO_MANY_PAGES, note)
            pages = max(0, pages - 1)
    return pages


def _result(line: int, verdict: Verdict) -> dict[str, Any]:
    words: dict[str, Any] = {"line": line, "status": verdict.status.value, "id": verdict.id}
    return words | {"reason": verdict.reason.value, "note": verdict.note}
