"""One report added to a story: its moves are made, its source is counted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.notify.edit import Edit, corrected
from services.notify.merge import merge
from services.notify.moves import Move, confirms
from services.notify.standing import is_talk
from services.notify.story import MAX_SOURCES, Story, shown, source_of, told_at
from shared.events import SignalDetected
from shared.events.alert import Reason, StorySource

_TURNS = (Reason.STAGE_CHANGED, Reason.DIRECTION_CHANGED, Reason.DENIED)


def advance(story: Story, signal: SignalDetected, found: Sequence[Move]) -> Story:
    """The story with the signal's article added and the moves made."""
    turned = any(move.reason in _TURNS for move in found)
    evidence = shown(signal.evidence, story.evidence) if found else shown(story.evidence, signal.evidence)
    room = len(story.sources) < MAX_SOURCES or signal.article.source_tier == 1
    return replace(
        story,
        claim=merge(story, signal, found),
        evidence=evidence,
        sources=_with_source(story.sources, signal) if room else story.sources,
        signal_ids=(*story.signal_ids, signal.id) if room else story.signal_ids,
        first_seen_at=min(story.first_seen_at, signal.article.fetched_at),
        last_seen_at=max(story.last_seen_at, told_at(signal)),
        last_moved_at=max(story.last_moved_at, told_at(signal)) if found else story.last_moved_at,
        as_of=max(story.as_of, told_at(signal)) if turned else story.as_of,
        past=tuple(sorted({*story.past, *(move.past for move in found if move.past)})),
        confirmed=_is_confirmed(story, signal, found),
        retracted=story.retracted and not found,
        rules_digest=signal.rules_digest if found else story.rules_digest,
        clock=signal.clock if found else story.clock,
    )


def _is_confirmed(story: Story, signal: SignalDetected, found: Sequence[Move]) -> bool:
    """An act that turns, or leaves talk behind, has to be confirmed anew."""
    fields = {move.field for move in found}
    anew = "direction" in fields or ("stage" in fields and is_talk(story.claim.stage))
    return signal.article.source_tier == 1 if anew else story.confirmed or confirms(story, signal)


def _with_source(sources: Sequence[StorySource], signal: SignalDetected) -> tuple[StorySource, ...]:
    """First seen first; an article is one source in all its revisions."""
    if any(source.article_id == signal.article.id for source in sources):
        return tuple(sources)
    return tuple(sorted((*sources, source_of(signal)), key=lambda it: (it.first_seen_at, it.article_id)))


def edited(story: Story, edit: Edit) -> Story:
    """The story with an operator's edit made. Reports of older acts cannot undo it: it counts at its own time."""
    claim = corrected(story.claim, edit.values)
    return replace(story, claim=claim, as_of=max(story.as_of, edit.at), retracted=edit.retracts)
