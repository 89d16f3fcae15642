"""The inbound edge for other services: requests on `orewire.article.submit`, answered with a result for each article.

Core NATS request and reply, not JetStream: the answer tells the sender that its articles are stored, and without
one it sends them again, as an HTTP client would. A queue group shares the requests among all replicas.
"""

from __future__ import annotations

from typing import Any, Final

from faststream.nats import NatsMessage

from services.ingest.incoming import Mistake
from services.ingest.submissions import Submissions
from shared.broker import Broker
from shared.errors import PermanentError, TransientError
from shared.events.submission import NDJSON, SUBMIT_QUEUE, SUBMIT_SUBJECT

PARALLEL: Final = 4
"""Requests worked on at a time by one replica."""
MOST_WAITING: Final = 64
MOST_BYTES: Final = 8 * 1024 * 1024
"""What waits for each of the PARALLEL at most; NATS drops what comes beyond, and its sender repeats it."""
RETRY_AFTER: Final = 2.0
"""Seconds a sender should wait when NATS or the database is away."""


def connect(broker: Broker, submissions: Submissions) -> None:
    """Answer every request, at most PARALLEL at a time."""

    async def on_submit(message: NatsMessage) -> dict[str, Any]:
        kind = str(message.headers.get("content-type", "")).split(";", 1)[0].strip().lower()
        return await answer(submissions, bytes(message.body), lines=kind == NDJSON)

    call: Any = on_submit
    for index in range(PARALLEL):
        call = broker.subscriber(
            SUBMIT_SUBJECT,
            queue=SUBMIT_QUEUE,
            pending_msgs_limit=MOST_WAITING,
            pending_bytes_limit=MOST_BYTES,
            decoder=_as_it_is,
            include_in_schema=index == 0,
        )(call)


async def answer(submissions: Submissions, body: bytes, *, lines: bool) -> dict[str, Any]:
    """The body of a `SubmissionReply`, whatever came in."""
    try:
        results = await (submissions.many(body) if lines else submissions.one(body))
    except TransientError as error:
        return _refused("not_now", str(error), retry_after=error.retry_after or RETRY_AFTER)
    except PermanentError as error:
        return _refused(error.reason, str(error))
    if isinstance(results, Mistake):
        return _refused(results.reason.value, results.note)
    return {"results": results, "error": None}


def _refused(reason: str, detail: str, *, retry_after: float | None = None) -> dict[str, Any]:
    return {"results": [], "error": {"reason": reason, "detail": detail, "retry_after": retry_after}}


async def _as_it_is(message: NatsMessage) -> bytes:
    """What is no JSON is answered, too."""
    return bytes(message.body)
