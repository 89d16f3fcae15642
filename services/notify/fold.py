"""What a signal does to its story: tell people, or stay silent, and always why. Pure.

The rule of thumb: a second report of the same act is no news. Learning something that was unknown (a date, a
target) is written down silently; people are told when something they were told has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from services.notify.identity import identity, is_same_act
from services.notify.merge import merge
from services.notify.moves import Move, moves
from services.notify.story import MAX_SOURCES, Story, begin, find, shown, source_of, told_at
from shared.events import SignalDetected
from shared.events.alert import Change, Reason

MAX_AGE: Final = timedelta(hours=96)
MAX_AHEAD: Final = timedelta(hours=1)


class Quiet(StrEnum):
    """Why a signal made no alert."""

    TOO_OLD = "too_old"
    IN_THE_FUTURE = "in_the_future"
    UNDATED = "undated"
    DUPLICATE_SIGNAL = "duplicate_signal"
    CORROBORATED = "corroborated"
    BACKFILL = "backfill"


@dataclass(frozen=True)
class Decision:
    """What came of a signal. `story` is None when the signal touched none."""

    reason: Reason | Quiet
    story: Story | None
    changes: tuple[Change, ...] = ()

    @property
    def tells(self) -> bool:
        """Whether people are told."""
        return isinstance(self.reason, Reason)


def decide(stories: Sequence[Story], signal: SignalDetected, *, earlier: Story | None = None) -> Decision:
    """Find the signal's story among `stories` and fold the signal into it.

    `earlier` is the story that an earlier revision of the same article told: however long ago that was, an edit
    does not make its act a new one.
    """
    story = find(stories, signal)
    if story is None and earlier is not None and is_same_act(earlier.identity, identity(signal), fresh=True):
        story = earlier
    return fold(story, signal)


def fold(story: Story | None, signal: SignalDetected) -> Decision:
    """Fold one signal into its story, or begin one. Folding the same signal again changes nothing."""
    if story is not None and signal.id in story.signal_ids:
        return Decision(Quiet.DUPLICATE_SIGNAL, story)
    refusal = gate(signal)
    if refusal is not None:
        return Decision(refusal, None)
    if signal.article.backfill:
        return Decision(Quiet.BACKFILL, _recorded(story, signal))
    if story is None or _is_news_to_all(story, signal):
        return Decision(Reason.NEW_STORY, _raised(story, signal))
    found = moves(story, signal)
    grown = _grown(story, signal, found)
    if not found:
        return Decision(Quiet.CORROBORATED, grown)
    changes = tuple(move.change for move in found if move.change is not None)
    return Decision(found[0].reason, replace(grown, revision=story.revision + 1), changes)


def gate(signal: SignalDetected) -> Quiet | None:
    """Why the article's date forbids an alert, if it does.

    Its age is that at its collection: news that waited in a backlog or among dead letters is told late, not lost.
    """
    published, collected = signal.article.published_at, signal.clock.collected_at
    if published is None:
        return None if signal.article.source_tier == 1 else Quiet.UNDATED
    if collected - published > MAX_AGE and not signal.article.backfill:
        return Quiet.TOO_OLD
    return Quiet.IN_THE_FUTURE if published - collected > MAX_AHEAD else None


def _is_news_to_all(story: Story, signal: SignalDetected) -> bool:
    """Nobody was told of the story, and the signal is no mere repetition of what is past the age gate."""
    if story.told:
        return False
    return bool(moves(story, signal)) or told_at(signal) - story.last_moved_at <= MAX_AGE


def _raised(story: Story | None, signal: SignalDetected) -> Story:
    if story is None:
        return begin(signal)
    return replace(_grown(story, signal, moves(story, signal)), told=True)


def _recorded(story: Story | None, signal: SignalDetected) -> Story:
    """The story with an article that was fetched for the record. What people were told stays what they were told."""
    if story is None:
        return replace(begin(signal), told=False)
    return _grown(story, signal, () if story.told else moves(story, signal))


def _grown(story: Story, signal: SignalDetected, found: Sequence[Move]) -> Story:
    """The story with the signal's article added and the moves made."""
    turned = any(move.reason in (Reason.STAGE_CHANGED, Reason.DIRECTION_CHANGED) for move in found)
    evidence = shown(signal.evidence, story.evidence) if found else shown(story.evidence, signal.evidence)
    room = len(story.sources) < MAX_SOURCES or signal.article.source_tier == 1
    known = not room or any(source.article_id == signal.article.id for source in story.sources)
    return replace(
        story,
        claim=merge(story, signal, found),
        evidence=evidence,
        sources=story.sources if known else (*story.sources, source_of(signal)),
        signal_ids=(*story.signal_ids, signal.id) if room else story.signal_ids,
        last_seen_at=max(story.last_seen_at, told_at(signal)),
        last_moved_at=max(story.last_moved_at, told_at(signal)) if found else story.last_moved_at,
        as_of=max(story.as_of, told_at(signal)) if turned else story.as_of,
        past=tuple(sorted({*story.past, *(move.past for move in found if move.past)})),
        rules_digest=signal.rules_digest if found else story.rules_digest,
        clock=signal.clock if found else story.clock,
    )
