"""Is this article new, a new revision, or known? The decision, and the closed words that say why. Pure.

An article is recognised in layers. Its address is proof. The id its source gave it, and the address its page
claims, are proof only together with the headline, because feeds repeat ids and sites claim their front page. The
same words under another address of the same source are the same article, if they are many enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.ingest.canonical import url_key
from services.ingest.essence import fingerprint
from services.ingest.plaintext import comparable
from shared.ids import stable_id

MAX_REVISIONS: Final = 50
"""Revisions of one article; a page that changes more often is a ticker, and nobody reads its fiftieth state."""


class Status(StrEnum):
    """What became of one article."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    POSTPONED = "postponed"


class Reason(StrEnum):
    """Why. Stored nowhere, but on every answer, in the log and on the metric."""

    NEW = "new"
    REVISED = "revised"
    ALREADY_PUBLISHED = "already_published"
    SAME_CONTENT = "same_content"
    RECHECK_LATER = "recheck_later"
    TOO_MANY_REVISIONS = "too_many_revisions"
    TOO_OLD = "too_old"
    EMPTY_TEXT = "empty_text"
    BAD_JSON = "bad_json"
    BAD_ENCODING = "bad_encoding"
    NULL_BYTE = "null_byte"
    BAD_FIELD = "bad_field"
    TOO_LARGE = "too_large"
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


@dataclass(frozen=True)
class Known:
    """What is remembered of an article that was published before; `revision` 0: seen, but too old to publish.

    `stamp` tells what its source said of it, `said` what it said itself, `headline` its title; each is a digest.
    `said` is empty and `stamp` None where they are not known: the article was recorded by an older version.
    """

    id: str
    source_id: str
    revision: int = 1
    stamp: str | None = None
    said: str = ""
    headline: str = ""
    copy_of: str | None = None


@dataclass(frozen=True)
class Draft:
    """An article as far as it can be recognised: its proofs, and the digests of `Known`.

    `said` is empty as long as only its source has told of it and its page was not read.
    """

    id: str
    source_id: str
    stamp: str
    headline: str
    said: str = ""
    entry_key: str | None = None
    page_key: str | None = None
    content_key: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key under which it may be known, beside its id."""
        return tuple(key for key in (self.entry_key, self.page_key, self.content_key) if key)


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


def entry_key(source_id: str, entry_id: str | None) -> str | None:
    """The key of what a source calls an article (a feed's `guid`, a client's `id`)."""
    return stable_id("key", "entry", source_id, entry_id) if entry_id else None


def content_key(source_id: str, said: str) -> str:
    """The key of the words (their digest) of an article in one source."""
    return stable_id("key", "said", source_id, said)


def headline_key(title: str) -> str:
    """16 hex digits of a headline; empty when there is none, which agrees with nothing."""
    plain = comparable(title)
    return fingerprint(plain)[:16] if plain else ""


def recognise(draft: Draft, known: Mapping[str, Known]) -> Known | None:
    """The known article this one is; `known` by id and by alias."""
    for key in (draft.id, draft.entry_key, draft.page_key):
        found = known.get(key or "")
        if found is not None and (found.id == draft.id or (found.headline and found.headline == draft.headline)):
            return found
    return known.get(draft.content_key or "")


def judge(draft: Draft, known: Known | None) -> Verdict:
    """New, a new revision of what is known, or nothing new.

    Only the source that an article was published from may revise it: two that word it differently would
    otherwise revise each other for ever.
    """
    if known is None:
        return Verdict(Status.ACCEPTED, Reason.NEW, draft.id)
    reason = _nothing_new(draft, known)
    if reason is Reason.TOO_OLD:
        return Verdict(Status.REJECTED, reason, known.id)
    if reason is not None:
        return Verdict(Status.DUPLICATE, reason, known.id)
    if known.revision >= MAX_REVISIONS:
        return Verdict(Status.DUPLICATE, Reason.TOO_MANY_REVISIONS, known.id)
    return Verdict(Status.ACCEPTED, Reason.REVISED, known.id)


def _nothing_new(draft: Draft, known: Known) -> Reason | None:
    if known.revision == 0:
        return Reason.TOO_OLD
    says_the_same = bool(draft.said) and known.said == draft.said
    if says_the_same and known.id != draft.id:
        return Reason.SAME_CONTENT
    if says_the_same or known.source_id != draft.source_id or known.stamp in (None, draft.stamp):
        return Reason.ALREADY_PUBLISHED
    return None
