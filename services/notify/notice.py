"""From a story to the alert people read: the event with its headline, summary and next date. Pure."""

from __future__ import annotations

from datetime import datetime

from services.notify.fold import Decision
from services.notify.headline import headline
from services.notify.story import Story, independent
from services.notify.summary import summary
from shared.events import Alert, AlertRaised, AlertUpdated, Claim
from shared.events.alert import NextDate, Reason
from shared.events.vocabulary import Direction, Stage


def alert_of(decision: Decision, now: datetime) -> Alert:
    """The alert event that tells what was decided.

    Raises:
        ValueError: the decision was to stay silent.
    """
    story, reason = decision.story, decision.reason
    if story is None or not isinstance(reason, Reason):
        raise ValueError(f"nothing to tell: {reason}")
    event = AlertRaised if reason == Reason.NEW_STORY else AlertUpdated
    return event(
        **{name: getattr(story.claim, name) for name in Claim.model_fields},
        story_id=story.story_id,
        revision=story.revision,
        reason=reason,
        changes=decision.changes,
        headline=headline(story.claim),
        summary=summary(story.claim),
        evidence=story.evidence,
        sources=story.sources,
        independent_sources=independent(story.sources),
        signal_ids=story.signal_ids,
        first_seen_at=story.first_seen_at,
        next_date=next_date(story, now),
        rules_digest=story.rules_digest,
        clock=story.clock.model_copy(update={"raised_at": now}),
    )


def next_date(story: Story, now: datetime) -> NextDate | None:
    """The next date of the story that is still to come, and what happens then."""
    claim, today = story.claim, now.date()
    ends = "the suspension lapses" if claim.stage in (Stage.SUSPENDED, Stage.EXTENDED) else "it expires"
    starts = "the easing takes effect" if claim.direction == Direction.EASE else "it takes effect"
    dates = [(claim.effective_at, starts), (claim.until, ends)]
    coming = sorted((date, what) for date, what in dates if date is not None and date >= today)
    return NextDate(date=coming[0][0], what=coming[0][1]) if coming else None
