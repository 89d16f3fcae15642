"""From a story to the alert people read: the event with its headline, summary and next date. Pure."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from services.notify.fold import Action, Decision
from services.notify.headline import MAX_HEADLINE, headline
from services.notify.phase import is_suspension, phase
from services.notify.story import Story, first_told_by, independent
from services.notify.summary import summary
from shared.events import Alert, AlertRaised, AlertRetracted, AlertUpdated, Claim
from shared.events.alert import NextDate, Reason
from shared.events.vocabulary import Direction

_EVENTS: Final = {Action.RAISE: AlertRaised, Action.RETRACT: AlertRetracted}
_MARKS: Final = {Reason.RETRACTED: "Retracted", Reason.DENIED: "Denied", Reason.CORRECTED: "Corrected"}
"""What stands before the headline, so that nobody takes it for news."""


def alert_of(decision: Decision, now: datetime) -> Alert:
    """The alert event that tells what was decided.

    Raises:
        ValueError: the decision was to stay silent.
    """
    story, reason = decision.story, decision.reason
    if story is None or not isinstance(reason, Reason):
        raise ValueError(f"nothing to tell: {reason}")
    event = _EVENTS.get(decision.action, AlertUpdated)
    return event(
        **{name: getattr(story.claim, name) for name in Claim.model_fields},
        story_id=story.story_id,
        revision=story.revision,
        reason=reason,
        changes=decision.changes,
        headline=_marked(headline(story.claim), reason),
        summary=f"{decision.note} {summary(story.claim)}".lstrip(),
        evidence=story.evidence,
        sources=story.sources,
        independent_sources=independent(story.sources),
        first_told_by=first_told_by(story.sources),
        phase=phase(story.claim, now.date()),
        note=decision.note,
        signal_ids=story.signal_ids,
        first_seen_at=story.first_seen_at,
        next_date=next_date(story, now),
        rules_digest=story.rules_digest,
        clock=story.clock.model_copy(update={"raised_at": now}),
    )


def current(story: Story, now: datetime) -> dict[str, Any]:
    """What is known now, as JSON has it: silent reports add to it after people were told last."""
    following = next_date(story, now)
    return {
        **story.claim.model_dump(mode="json"),
        "phase": phase(story.claim, now.date()).value,
        "next_date": following.model_dump(mode="json") if following else None,
        "retracted": story.retracted,
        "edits": [{**asdict(edit), "at": _time(edit.at)} for edit in story.edits],
        "sources": [source.model_dump(mode="json") for source in story.sources],
        "independent_sources": independent(story.sources),
        "first_told_by": first_told_by(story.sources),
        "first_seen_at": _time(story.first_seen_at),
    }


def _time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _marked(text: str, reason: Reason) -> str:
    marked = f"{_MARKS[reason]}: {text}" if reason in _MARKS else text
    return marked if len(marked) <= MAX_HEADLINE else f"{marked[: MAX_HEADLINE - 1]}…"


def next_date(story: Story, now: datetime) -> NextDate | None:
    """The next date of the story that is still to come, and what happens then."""
    today = now.date()
    starts, ends = meanings(story)
    dates = [(story.claim.effective_at, starts), (story.claim.until, ends)]
    coming = sorted((date, what) for date, what in dates if date is not None and date >= today)
    return NextDate(date=coming[0][0], what=coming[0][1]) if coming else None


def meanings(story: Story) -> tuple[str, str]:
    """What happens on the day the story takes effect, and on its last day."""
    claim = story.claim
    ends = "the suspension lapses" if is_suspension(claim) else "it expires"
    starts = "the easing takes effect" if claim.direction == Direction.EASE else "it takes effect"
    return starts, ends
