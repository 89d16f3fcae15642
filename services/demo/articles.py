"""The demo's articles as they are written in deploy/demo/articles, and as its feeds publish them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from services.demo.dates import fill_dates
from shared.config.validate import Strict
from shared.events.vocabulary import SourceId


class DemoArticle(Strict):
    """One article file; its stem is the article's slug. Dates in title and body are offsets."""

    source: SourceId
    wave: int = Field(ge=1, description="Shown by the feed once all earlier waves have been told.")
    lang: Literal["en", "zh"]
    age_minutes: int = Field(ge=0, description="How long before the demo's start it was published.")
    title: str = Field(min_length=1)
    body: str = Field(min_length=1, description="HTML of the article proper, without the page around it.")


@dataclass(frozen=True)
class Published:
    """An article with real dates, as readers of the feed see it."""

    slug: str
    source: str
    wave: int
    lang: str
    title: str
    body: str
    published_at: datetime

    @property
    def path(self) -> str:
        """Where its page stands on the feed server."""
        return f"/articles/{self.source}/{self.slug}"


def publish(slug: str, article: DemoArticle, *, start: datetime) -> Published:
    """Date an article, taking `start` (aware UTC) as the moment the demo began.

    Raises:
        ValueError: a date placeholder is wrong.
    """
    today = start.date()
    return Published(
        slug=slug,
        source=article.source,
        wave=article.wave,
        lang=article.lang,
        title=fill_dates(article.title, lang=article.lang, today=today),
        body=fill_dates(article.body, lang=article.lang, today=today),
        published_at=start - timedelta(minutes=article.age_minutes),
    )


def slug_of(url: str | None) -> str:
    """The slug of the article that has this URL, `""` for a URL that is not the demo's."""
    return url.rsplit("/", 1)[-1] if url and "/articles/" in url else ""
