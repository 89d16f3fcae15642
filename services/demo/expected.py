"""What the demo must deliver: the content of deploy/demo/expected.yaml, and its fit with the articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date as Date
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from services.demo.articles import DemoArticle
from shared.config.validate import Strict
from shared.events.alert import Reason
from shared.events.vocabulary import CommodityId, Country, Direction, Kind, Stage


class ExpectedRevision(Strict):
    """One message about a story, sent once the articles of its wave have been read."""

    wave: int = Field(ge=1)
    reason: Reason
    stage: Stage


class ExpectedStory(Strict):
    """One story: the articles that tell it, its fields, and the revisions subscribers get."""

    id: str
    articles: tuple[str, ...] = Field(min_length=1)
    kind: Kind
    direction: Direction
    actors: tuple[Country, ...] = ()
    parties: tuple[Country, ...] = ()
    initiative: str | None = None
    commodities: tuple[CommodityId, ...] = ()
    effective_in_days: int | None = Field(default=None, description="Of the last revision, from the demo's start.")
    slack: bool = Field(description="Whether the Slack subscriber's filter lets the story through.")
    revisions: tuple[ExpectedRevision, ...] = Field(min_length=1)

    def effective_at(self, today: Date) -> Date | None:
        """The day the measure takes effect, as the last revision must say it."""
        return None if self.effective_in_days is None else today + timedelta(days=self.effective_in_days)


class Silent(Strict):
    """An article nobody may be alerted about."""

    article: str
    why: str


class Expected(Strict):
    """All stories to be told and all articles to be kept silent about."""

    stories: tuple[ExpectedStory, ...]
    silent: tuple[Silent, ...]

    @model_validator(mode="after")
    def _each_article_once(self) -> Self:
        repeated = [slug for slug, count in Counter(self._slugs()).items() if count > 1]
        if repeated:
            raise ValueError(f"listed twice: {', '.join(sorted(repeated))}")
        return self

    def _slugs(self) -> Iterator[str]:
        for story in self.stories:
            yield from story.articles
        yield from (silent.article for silent in self.silent)

    def misfits(self, articles: Mapping[str, DemoArticle]) -> list[str]:
        """What does not fit together with the articles, in words."""
        listed = set(self._slugs())
        unknown = [f"article {slug} is expected, but there is no such file" for slug in sorted(listed - set(articles))]
        forgotten = [f"article {slug} is neither expected nor silent" for slug in sorted(set(articles) - listed)]
        return unknown + forgotten

    @property
    def slack_messages(self) -> int:
        """How many messages the Slack subscriber must get."""
        return sum(len(story.revisions) for story in self.stories if story.slack)

    @property
    def webhook_messages(self) -> int:
        """How many alerts the webhook subscriber must get."""
        return sum(len(story.revisions) for story in self.stories)
