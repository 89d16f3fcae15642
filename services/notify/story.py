"""A story: what is known of one act, from all the articles that tell of it. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.notify.excerpt import excerpt
from services.notify.identity import FRESH, WINDOW, Identity, fit, identity, is_same_act
from services.notify.standing import is_talk, is_turn
from shared.events import Claim, Evidence, Instrument, SignalDetected
from shared.events.alert import StorySource
from shared.events.signal import Hops
from shared.events.vocabulary import Direction
from shared.ids import stable_id

MAX_EVIDENCE: Final = 5
MAX_SOURCES: Final = 100
"""Sources kept in the story itself; further ones are counted in the database. Official ones are always kept."""
MAX_TITLE: Final = 300
MAX_TEXT: Final = 120
MAX_ITEMS: Final = 64
MAX_MEMORY: Final = timedelta(days=400)
"""How long after its last revision a story with a numbered instrument takes new reports."""


@dataclass(frozen=True)
class Story:
    """The current state of one act.

    `as_of` is the time of the report that set stage and direction, `last_moved_at` that of the last one that
    made a revision: silent reports do not keep a story open. `told` is False while it is known from a backfill only.
    """

    story_id: str
    revision: int
    claim: Claim
    evidence: tuple[Evidence, ...]
    sources: tuple[StorySource, ...]
    signal_ids: tuple[str, ...]
    first_seen_at: datetime
    last_seen_at: datetime
    last_moved_at: datetime
    as_of: datetime
    past: tuple[str, ...]
    rules_digest: str
    clock: Hops
    told: bool = True

    @property
    def identity(self) -> Identity:
        """What tells this story from others."""
        return identity(self.claim)

    @property
    def has_official_source(self) -> bool:
        """Whether a tier-1 source has told it."""
        return any(source.source_tier == 1 for source in self.sources)


def told_at(signal: SignalDetected) -> datetime:
    """When the report was made: its publication, or its collection where that is unknown."""
    return signal.article.published_at or signal.article.fetched_at


def find(stories: Sequence[Story], signal: SignalDetected) -> Story | None:
    """The story the signal belongs to, the best fitting one if there are several; None for a new one."""
    sought, at = identity(signal), told_at(signal)
    near = [
        story
        for story in stories
        if _in_window(story, sought, at)
        and is_same_act(story.identity, sought, fresh=abs(at - story.last_moved_at) <= FRESH)
        and _same_course(story.claim, signal)
    ]

    def rank(story: Story) -> tuple[object, ...]:
        same_way = story.claim.direction == signal.direction
        return (*fit(story.identity, sought), same_way, story.last_seen_at, story.story_id)

    return max(near, key=rank, default=None)


def begin(signal: SignalDetected) -> Story:
    """The story that starts with this signal."""
    at = told_at(signal)
    return Story(
        story_id=stable_id("story", signal.id),
        revision=1,
        claim=claim_of(signal),
        evidence=shown(signal.evidence),
        sources=(source_of(signal),),
        signal_ids=(signal.id,),
        first_seen_at=signal.article.fetched_at,
        last_seen_at=at,
        last_moved_at=at,
        as_of=at,
        past=(),
        rules_digest=signal.rules_digest,
        clock=signal.clock,
    )


def claim_of(signal: SignalDetected) -> Claim:
    """The claim without the signal around it, its free texts and lists kept to a readable length."""
    return Claim.model_validate({name: _bounded(getattr(signal, name)) for name in Claim.model_fields})


def _bounded(value: object) -> object:
    if isinstance(value, Instrument):
        update = {"authority": _bounded(value.authority), "number": _bounded(value.number)}
        return value.model_copy(update=update)
    if isinstance(value, str) and not isinstance(value, StrEnum):
        return value[:MAX_TEXT]
    return value[:MAX_ITEMS] if isinstance(value, tuple) else value


def source_of(signal: SignalDetected) -> StorySource:
    """The article as one source of a story."""
    article = signal.article
    return StorySource(
        article_id=article.id,
        url=article.url,
        title=article.title[:MAX_TITLE],
        source_id=article.source_id,
        source_tier=article.source_tier,
        lang=article.lang,
        published_at=article.published_at,
        first_seen_at=article.fetched_at,
        copy_of=article.copy_of,
    )


def independent(sources: Sequence[StorySource]) -> int:
    """How many tell it in their own words: copies of one text count once, and so do reports of one source."""
    groups: list[set[str]] = []
    for source in sources:
        marks = {f"text:{source.copy_of or source.article_id}", f"source:{source.source_id}"}
        joined = [group for group in groups if group & marks]
        groups = [group for group in groups if not group & marks] + [marks.union(*joined)]
    return max(1, len(groups))


def shown(*groups: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence to show, each sentence cut to a readable length and told once."""
    by_text = {item.sentence: item for group in groups for item in map(excerpt, group)}
    return tuple(by_text.values())[:MAX_EVIDENCE]


def _same_course(known: Claim, told: Claim) -> bool:
    """Talk of easing is no part of the ban that is in force, nor a ban part of the talk of easing."""
    if known.direction == told.direction or Direction.NEUTRAL in (known.direction, told.direction):
        return True
    if _aimed_elsewhere(known, told):
        return False
    return is_turn(told.stage) or not (is_talk(known.stage) or is_talk(told.stage))


def _aimed_elsewhere(known: Claim, told: Claim) -> bool:
    """A licence for Dutch buyers does not end the ban on American ones."""
    targets = {*known.targets, *told.targets}
    both = known.targets and told.targets and "all" not in targets
    return bool(both) and set(known.targets).isdisjoint(told.targets)


def _in_window(story: Story, sought: Identity, at: datetime) -> bool:
    known, named = story.identity.instrument, sought.instrument
    same_instrument = known is not None and named is not None and None not in (known.year, named.year)
    return abs(at - story.last_moved_at) <= (MAX_MEMORY if same_instrument else WINDOW)
