"""A story told anew from all its reports, in the order in which they were told. Pure.

Articles arrive in any order. What a story says must not depend on it: a report that arrives late counts at its own
time, so that it fills in what came before, and everything told later still holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.notify.advance import advance, edited
from services.notify.edit import Edit
from services.notify.moves import Move, moves
from services.notify.story import Story, begin, told_at
from shared.events import SignalDetected

MAX_REPORTS: Final = 1_000
"""Reports of one story that are told anew; beyond, a late one is folded in where it arrives."""


def is_late(story: Story, signal: SignalDetected) -> bool:
    """Whether something that is known already was told at the same time or after it."""
    known = max([story.last_seen_at, *(edit.at for edit in story.edits)])
    return told_at(signal) <= known


def replayed(story: Story, reports: Sequence[SignalDetected]) -> Story:
    """The story as it stands after all `reports` and its edits. Id, revision and edits stay.

    What was fetched for the record comes last and moves nothing.
    """
    live = sorted((it for it in reports if not it.article.backfill), key=_order)
    record = sorted((it for it in reports if it.article.backfill), key=_order)
    acts: list[SignalDetected | Edit] = [*live[1:], *story.edits]
    acts.sort(key=lambda act: act.at if isinstance(act, Edit) else told_at(act))
    state = begin(live[0])
    for act in acts:
        state = edited(state, act) if isinstance(act, Edit) else advance(state, act, found(state, act))
    for signal in record:
        state = advance(state, signal, ())
    return replace(state, story_id=story.story_id, revision=story.revision, edits=story.edits)


def found(story: Story, signal: SignalDetected) -> list[Move]:
    """The moves a report may make. Of a story taken back by hand, only what officials say counts."""
    if story.retracted and signal.article.source_tier != 1:
        return []
    return moves(story, signal)


def _order(signal: SignalDetected) -> tuple[object, ...]:
    return told_at(signal), signal.id
