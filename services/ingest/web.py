"""The inbound edge for clients: `POST /v1/articles`."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.ingest.adapters.bodies import MAX_HELD, BodyBudget
from services.ingest.incoming import Mistake
from services.ingest.novelty import Reason
from services.ingest.submissions import MAX_LINES, Submissions
from shared.errors import PermanentError, TransientError
from shared.web import Refused, read_body

MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of one request."""
RETRY_AFTER: Final = 2.0
"""Seconds a client should wait when NATS or the database is away."""
JSON: Final = "application/json"
NDJSON: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")


class Articles:
    """The endpoint. One article as JSON, or many as NDJSON, one a line."""

    def __init__(self, submissions: Submissions, *, most_held: int = MAX_HELD) -> None:
        """`most_held` bounds the bodies of all requests together, in bytes."""
        self._submissions = submissions
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
        results = await self._submissions.one(body)
        if isinstance(results, Mistake):
            raise _refusal(results)
        return results

    async def _many(self, body: bytes) -> list[dict[str, Any]]:
        try:
            return await self._submissions.many(body)
        except PermanentError as error:
            if error.reason == "too_many_lines":
                raise Refused(413, "Too many lines", str(error), limit=MAX_LINES) from error
            raise Refused(400, "No articles", str(error)) from error


def _refusal(mistake: Mistake) -> Refused:
    if mistake.reason is Reason.BAD_FIELD:
        errors = [asdict(field) for field in mistake.fields]
        return Refused(422, "Not an article", mistake.note, errors=errors)
    return Refused(400, "Not JSON", mistake.note, reason=mistake.reason.value)
