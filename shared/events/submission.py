"""Handing articles in on the bus: the request other services make of ingest, and its answer.

No events: nothing of it is kept. The fact that follows from it is `article.collected`.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.events.base import Body
from shared.events.vocabulary import SourceId

SUBMIT_SUBJECT: Final = "orewire.article.submit"
SUBMIT_QUEUE: Final = "ingest"
"""Queue group: of all replicas, one answers."""
NDJSON: Final = "application/x-ndjson"


class Submission(BaseModel):
    """One article. One of text, html and url is needed; with a url alone, the page is fetched."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: str | None = None
    text: str | None = None
    html: str | None = None
    url: str | None = None
    published_at: str | None = Field(default=None, description="ISO 8601, RFC 2822 or YYYYMMDD.")
    lang: str | None = Field(default=None, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")
    source_id: SourceId | None = None
    id: str | int | None = Field(default=None, description="What the sender calls it.")


class SubmissionResult(Body):
    """What became of one line."""

    line: int
    status: Literal["accepted", "duplicate", "rejected", "postponed"]
    id: str | None = None
    reason: str = Field(description="Why, as a closed word.")
    note: str = ""


class SubmissionError(Body):
    """Why the whole request was not taken. With `retry_after`, send it again."""

    reason: str
    detail: str
    retry_after: float | None = Field(default=None, description="Seconds; None when it will never be taken.")


class SubmissionReply(Body):
    """A result for each line that is not blank, or an error and no results."""

    results: tuple[SubmissionResult, ...] = ()
    error: SubmissionError | None = None
