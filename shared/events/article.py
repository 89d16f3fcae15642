"""`article.collected`: ingest has seen a published text for the first time, or with other words than before."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import Body, Event, UtcDatetime
from shared.events.vocabulary import SourceId

Tier = Literal[1, 2, 3]
"""1 official, 2 news, 3 commentary."""
DateRefusal = Literal["future_date", "absurd_date"]
"""A date later than the article was seen, or before there was a web."""


def revised_id(first: str, revision: int) -> str:
    """The id of a later revision of what had the id `first`; the first one keeps it as it is."""
    return first if revision == 1 else f"{first}.{revision}"


class ArticleRef(Body):
    """An article without its text, as signals and alerts cite it."""

    id: str = Field(min_length=1, max_length=128)
    url: str | None = Field(default=None, max_length=4096, description="Normalised URL.")
    title: str = ""
    source_id: SourceId
    source_tier: Tier = 2
    lang: str | None = Field(default=None, description="ISO 639-1 code, None when unknown.")
    published_at: UtcDatetime | None = Field(default=None, description="None when the page tells no date.")
    fetched_at: UtcDatetime
    revision: int = Field(default=1, ge=1, description="1 at first; each change of the words adds one.")
    copy_of: str | None = Field(
        default=None, max_length=128, description="Id of the article seen before whose text this one nearly repeats."
    )
    backfill: bool = Field(default=False, description="True when it was fetched for the record: it alerts nobody.")


class Article(ArticleRef):
    """One published text as it was collected."""

    text: str
    truncated: bool = Field(default=False, description="True when the text was cut at the size limit.")
    partial: bool = Field(
        default=False, description="True when the text is a summary or the open part of an article behind a paywall."
    )
    updated_at: UtcDatetime | None = Field(default=None, description="When the publisher last changed it, if told.")
    date_refused: DateRefusal | None = Field(
        default=None, description="Why a date was found and yet `published_at` is null; null when none was found."
    )

    def ref(self) -> ArticleRef:
        """The same article without its text."""
        return ArticleRef.model_validate(self.model_dump(include=set(ArticleRef.model_fields)))


class ArticleCollected(Event):
    """A new article, or a new revision of one. Published once for each normalised URL (or text, where there is no
    URL) and revision.
    """

    TYPE: ClassVar[str] = "io.orewire.article.collected.v1"
    SUBJECT: ClassVar[str] = "orewire.article.collected.{source_id}"

    article: Article
    collected_at: UtcDatetime = Field(description="When ingest accepted the article.")

    @property
    def event_id(self) -> str:
        """The article's id, with the number of the revision from the second on."""
        return revised_id(self.article.id, self.article.revision)

    @property
    def subject_tokens(self) -> dict[str, str]:
        """The source's id."""
        return {"source_id": self.article.source_id}
