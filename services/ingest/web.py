"""The inbound edge for clients: `POST /v1/articles`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.ingest.adapters.bodies import MAX_HELD, BodyBudget
from services.ingest.drafting import Piece
from services.ingest.found import API_SOURCE, Found, Origin
from services.ingest.incoming import Mistake, lines_of, read_article
from services.ingest.novelty import Reason, Verdict, rejected
from services.ingest.usecases import BATCH, Collect
from shared.errors import TransientError
from shared.web import Refused, read_body

MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of one request."""
MAX_LINES: Final = 10_000
"""Lines of one request; more articles go into more requests."""
MAX_PAGES: Final = 100
"""Pages fetched for one request."""
RETRY_AFTER: Final = 2.0
"""Seconds a client should wait when NATS or the database is away."""
JSON: Final = "application/json"
NDJSON: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")
OriginOf = Callable[[str], Origin]


class Articles:
    """The endpoint. One article as JSON, or many as NDJSON, one a line."""

    def __init__(self, collect: Collect, origin_of: OriginOf, *, most_held: int = MAX_HELD) -> None:
        """`most_held` bounds the bodies of all requests together, in bytes."""
        self._collect, self._origin_of = collect, origin_of
        self._budget = BodyBudget(one=MAX_BODY, all_together=most_held)

    def routes(self) -> list[Route]:
        """What to add to the service's HTTP side."""
        return [Route("/v1/articles", self.post, methods=["POST"])]

    async def post(self, request: Request) -> Response:
        """Accept articles: 202 with a result for each; 400, 413, 415, 422 or 503 as a problem document."""
        kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        if kind != JSON and kind not in NDJSON:
            detail = f"Send {JSON} (one article) or {NDJSON[0]} (one a line)."
            raise Refused(415, "Content type not accepted", detail, headers={"accept-post": f"{JSON}, {NDJSON[0]}"})
        with self._budget.counted(request) as counted:
            body = await read_body(counted, limit=MAX_BODY)
            results = await self._results(body, kind)
        return JSONResponse({"results": results}, status_code=202)

    async def _results(self, body: bytes, kind: str) -> list[dict[str, Any]]:
        try:
            return await (self._one(body) if kind == JSON else self._many(body))
        except TransientError as error:
            wait = str(math.ceil(error.retry_after or RETRY_AFTER))
            raise Refused(503, "Not accepted now", str(error), headers={"retry-after": wait}) from error

    async def _one(self, body: bytes) -> list[dict[str, Any]]:
        article = await asyncio.to_thread(read_article, body)
        if isinstance(article, Mistake):
            raise _refusal(article)
        [verdict] = await self._collect.accept([self._piece(article)])
        return [_result(1, verdict)]

    async def _many(self, body: bytes) -> list[dict[str, Any]]:
        if body.strip().count(b"\n") >= MAX_LINES:
            raise Refused(413, "Too many lines", f"One request may carry {MAX_LINES} articles.", limit=MAX_LINES)
        lines = lines_of(body)
        results: list[dict[str, Any]] = []
        pages = MAX_PAGES
        while articles := await asyncio.to_thread(_next_batch, lines):
            pages = _spend(pages, articles)
            results += await self._batch(articles)
        if not results:
            raise Refused(400, "No articles", "The body holds no line.")
        return results

    async def _batch(self, articles: Mapping[int, Found | Mistake]) -> list[dict[str, Any]]:
        good = {number: found for number, found in articles.items() if isinstance(found, Found)}
        verdicts = dict(zip(good, await self._accept(good), strict=True))
        for number, article in articles.items():
            if isinstance(article, Mistake):
                verdicts[number] = rejected(article.reason, article.note)
        return [_result(number, verdicts[number]) for number in articles]

    async def _accept(self, good: Mapping[int, Found]) -> Sequence[Verdict]:
        return await self._collect.accept([self._piece(found) for found in good.values()])

    def _piece(self, found: Found) -> Piece:
        return Piece(found, self._origin_of(found.source_id or API_SOURCE))


def _next_batch(lines: Iterator[tuple[int, bytes]]) -> dict[int, Found | Mistake]:
    return {number: read_article(line) for number, line in islice(lines, BATCH)}


def _spend(pages: int, articles: dict[int, Found | Mistake]) -> int:
    """Turn those that need a page fetched into mistakes once `pages` are spent; returns what is left."""
    for number, article in articles.items():
        if isinstance(article, Found) and article.follow:
            if pages == 0:
                note = f"one request may have {MAX_PAGES} pages fetched; send this one again in another"
                articles[number] = Mistake(Reason.TOO_MANY_PAGES, note)
            pages = max(0, pages - 1)
    return pages


def _refusal(mistake: Mistake) -> Refused:
    if mistake.reason is Reason.BAD_FIELD:
        errors = [asdict(field) for field in mistake.fields]
        return Refused(422, "Not an article", mistake.note, errors=errors)
    return Refused(400, "Not JSON", mistake.note, reason=mistake.reason.value)


def _result(line: int, verdict: Verdict) -> dict[str, Any]:
    words: dict[str, Any] = {"line": line, "status": verdict.status.value, "id": verdict.id}
    return words | {"reason": verdict.reason.value, "note": verdict.note}
