"""`orewire subscribers test`: one clearly marked message through a subscriber's own channel."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.notify.attempt import send_all
from services.notify.outcome import Answer
from services.notify.ports import Channel, Sender, Subscriber
from shared.clock import Clock
from shared.events import Alert, AlertRaised, Evidence, Hops, Term
from shared.events.alert import Reason, StorySource
from shared.events.vocabulary import Certainty, Direction, Severity, Stage
from shared.ids import stable_id

SENTENCE: Final = "This is a test of orewire. No government has restricted the export of anything."
_WORD: Final = "test"


async def try_out(subscriber: Subscriber, channel: Channel, sender: Sender, clock: Clock) -> Answer:
    """Send the test alert to the subscriber, whatever its filter. Nothing is stored, nothing tried again."""
    at = clock.now()
    delivery_id = stable_id("test", subscriber.id, at.isoformat())
    messages = channel.compose(trial_alert(at), subscriber.settings, delivery_id=delivery_id, at=at)
    answer, _ = await send_all(messages, sender, interval=channel.interval)
    return answer


def trial_alert(at: datetime) -> Alert:
    """An alert that nobody can take for a real one."""
    start = SENTENCE.index(_WORD)
    term = Term(text=_WORD, start=start, end=start + len(_WORD), role="test")
    return AlertRaised(
        kind="test",
        stage=Stage.DENIED,
        direction=Direction.NEUTRAL,
        certainty=Certainty.OFFICIAL_TEXT,
        severity=Severity.LOW,
        score=0,
        story_id=stable_id("story", "test", at.isoformat()),
        revision=1,
        reason=Reason.NEW_STORY,
        headline="TEST of orewire: this is not an alert",
        summary="Somebody has run `orewire subscribers test` to see whether messages arrive here. They do.",
        evidence=(Evidence(sentence=SENTENCE, start=0, end=len(SENTENCE), rule="test", terms=(term,)),),
        sources=(
            StorySource(article_id="test", title="orewire subscribers test", source_id="orewire", first_seen_at=at),
        ),
        first_seen_at=at,
        rules_digest="test",
        clock=Hops(collected_at=at, detected_at=at, raised_at=at),
    )
