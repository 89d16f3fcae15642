"""Is this article new? The decision, and the closed words that say why."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from services.ingest.canonical import url_key
from services.ingest.plaintext import comparable
from shared.ids import stable_id


class Status(StrEnum):
    """What became of one article."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    POSTPONED = "postponed"


class Reason(StrEnum):
    """Why. Stored nowhere, but on every answer, in the log and on the metric."""

    NEW = "new"
    ALREADY_PUBLISHED = "already_published"
    EMPTY_TEXT = "empty_text"
    BAD_JSON = "bad_json"
    BAD_ENCODING = "bad_encoding"
    NULL_BYTE = "null_byte"
    BAD_FIELD = "bad_field"
    TOO_LARGE = "too_large"
    TOO_OLD = "too_old"
    TOO_MANY_PAGES = "too_many_pages"
    PAGE_UNREACHABLE = "page_unreachable"
    NO_ARTICLE_FOUND = "no_article_found"


@dataclass(frozen=True)
class Verdict:
    """What became of one article, and why. `note` is for people and may be empty.

    `date_refused` says why the date it came with is not believed.
    """

    status: Status
    reason: Reason
    id: str | None = None
    note: str = ""
    date_refused: str | None = None


def rejected(reason: Reason, note: str = "") -> Verdict:
    """A verdict for what cannot be an article."""
    return Verdict(Status.REJECTED, reason, None, note)


def identity(*, url: str | None, client_id: str | None, text: str) -> str:
    """The article's id: by its canonical URL, or else by its wording (with the client's own id, if it gave one).

    The same article has the same id in every process, so a second publication is recognised everywhere.
    """
    if url:
        return stable_id("art", "url", url_key(url))
    return stable_id("art", "text", client_id, comparable(text))


def judge(article_id: str, *, published: AbstractSet[str], note: str = "") -> Verdict:
    """New, unless the id is among those published (or about to be, in the same batch)."""
    if article_id in published:
        return Verdict(Status.DUPLICATE, Reason.ALREADY_PUBLISHED, article_id, note)
    return Verdict(Status.ACCEPTED, Reason.NEW, article_id, note)
