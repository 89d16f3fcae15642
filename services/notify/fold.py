"""What a report does to its story: tell people, or stay silent, and always why. Pure.

The rule of thumb: a second report of the same act is no news. Learning something that was unknown (a date, a
target) is written down silently; people are told when something they were told has changed.

In whatever order reports arrive, a story ends the same: `replay` says how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from services.notify.advance import advance
from services.notify.drift import drift
from services.notify.identity import identity, is_same_act
from services.notify.moves import Move, moves
from services.notify.replay import found, is_late, replayed
from services.notify.story import Story, begin, find, told_at
from shared.events import SignalDetected
from shared.events.alert import Change, Reason

MAX_AGE: Final = timedelta(hours=96)
MAX_AHEAD: Final = timedelta(hours=1)


class Action(StrEnum):
    """What is done about a story."""

    RAISE = "raise"
    UPDATE = "update"
    CORROBORATE = "corroborate"
    RETRACT = "retract"
    NOTHING = "nothing"


class Quiet(StrEnum):
    """Why a signal made no alert."""

    TOO_OLD = "too_old"
    IN_THE_FUTURE = "in_the_future"
    UNDATED = "undated"
    DUPLICATE_SIGNAL = "duplicate_signal"
    CORROBORATED = "corroborated"
    BACKFILL = "backfill"
    RETRACTED_BEFORE = "retracted_before"
    """An operator has taken the story back; only what officials say brings it up again."""


_ACTIONS: Final = {
    Reason.NEW_STORY: Action.RAISE,
    Reason.DENIED: Action.RETRACT,
    Reason.RETRACTED: Action.RETRACT,
    Quiet.CORROBORATED: Action.CORROBORATE,
}


@dataclass(frozen=True)
class Decision:
    """What came of a report. `story` is None when it touched none; `note` is what people read beside the facts."""

    reason: Reason | Quiet
    story: Story | None
    changes: tuple[Change, ...] = ()
    note: str = ""

    @property
    def tells(self) -> bool:
        """Whether people are told."""
        return isinstance(self.reason, Reason)

    @property
    def action(self) -> Action:
        """What is done."""
        return _ACTIONS.get(self.reason, Action.UPDATE if self.tells else Action.NOTHING)


def decide(stories: Sequence[Story], signal: SignalDetected, *, earlier: Story | None = None) -> Decision:
    """Find the signal's story among `stories` and fold the signal into it, where it arrives."""
    return fold(choose(stories, signal, earlier=earlier), signal)


def choose(stories: Sequence[Story], signal: SignalDetected, *, earlier: Story | None = None) -> Story | None:
    """The story the signal belongs to; None for a new one.

    `earlier` is the story that an earlier revision of the same article told, or the text this one is a copy of:
    however long ago that was, an edit or a copy does not make its act a new one.
    """
    story = find(stories, signal)
    if story is None and earlier is not None and is_same_act(earlier.identity, identity(signal), fresh=True):
        story = earlier
    return story


def fold(story: Story | None, signal: SignalDetected, reports: Sequence[SignalDetected] = ()) -> Decision:
    """Fold one signal into its story, or begin one. Folding the same signal again changes nothing.

    `reports` are all the signals of the story so far; they are only needed when the signal `is_late`.
    """
    if story is not None and signal.id in story.signal_ids:
        return Decision(Quiet.DUPLICATE_SIGNAL, story)
    refusal = gate(signal)
    if refusal is not None:
        return Decision(refusal, None)
    if signal.article.backfill:
        return Decision(Quiet.BACKFILL, _recorded(story, signal))
    if story is None or _is_news_to_all(story, signal):
        return Decision(Reason.NEW_STORY, _raised(story, signal))
    if reports and is_late(story, signal):
        after = replayed(story, [*reports, signal])
        return _told(story, after, signal, drift(story, after))
    news = found(story, signal)
    return _told(story, advance(story, signal, news), signal, news)


def _told(before: Story, after: Story, signal: SignalDetected, news: Sequence[Move]) -> Decision:
    if after.retracted:
        return Decision(Quiet.RETRACTED_BEFORE, after)
    if not news:
        return Decision(Quiet.CORROBORATED, after)
    changes = tuple(move.change for move in news if move.change is not None)
    return Decision(news[0].reason, replace(after, revision=before.revision + 1, clock=signal.clock), changes)


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
    return replace(advance(story, signal, moves(story, signal)), told=True)


def _recorded(story: Story | None, signal: SignalDetected) -> Story:
    """The story with an article that was fetched for the record. What people were told stays what they were told."""
    if story is None:
        return replace(begin(signal), told=False)
    return advance(story, signal, () if story.told else moves(story, signal))
