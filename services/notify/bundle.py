"""Several alerts in one message, or a notice without any: the words of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.events import Alert, AlertRaised, Evidence, Hops
from shared.events.alert import Reason, StorySource
from shared.events.vocabulary import Certainty, Direction, Severity, Stage
from shared.ids import stable_id

KIND: Final = "digest"
MAX_ALERTS: Final = 50
"""Alerts in one bundle; more become several."""


@dataclass(frozen=True)
class Bundle:
    """What one subscriber gets in one message. `note` says why it comes like this."""

    bundle_id: str
    title: str
    note: str
    alerts: tuple[Alert, ...]
    at: datetime


def bundle_id(subscriber_id: str, *parts: str) -> str:
    """The same for the same content and subscriber, in every process."""
    return stable_id("bundle", subscriber_id, *parts)


def by_weight(alerts: Sequence[Alert]) -> list[Alert]:
    """The most severe first, then the oldest."""
    return sorted(alerts, key=lambda alert: (-alert.severity.rank, alert.first_seen_at, alert.story_id))


def as_alert(bundle: Bundle) -> Alert:
    """The bundle as one alert that lists headlines with links, for channels that cannot do better."""
    lead = bundle.alerts[0] if bundle.alerts else None
    return AlertRaised(
        kind=KIND,
        stage=lead.stage if lead else Stage.CLARIFIED,
        direction=lead.direction if lead else Direction.NEUTRAL,
        certainty=lead.certainty if lead else Certainty.OFFICIAL_TEXT,
        severity=lead.severity if lead else Severity.LOW,
        score=1,
        story_id=bundle.bundle_id,
        revision=1,
        reason=Reason.NEW_STORY,
        headline=bundle.title,
        summary=bundle.note,
        evidence=tuple(_line(alert) for alert in bundle.alerts),
        sources=tuple(_link(alert) for alert in bundle.alerts),
        first_seen_at=bundle.at,
        rules_digest=KIND,
        clock=Hops(collected_at=bundle.at, detected_at=bundle.at, raised_at=bundle.at),
    )


def _line(alert: Alert) -> Evidence:
    update = "" if alert.reason == Reason.NEW_STORY else "Update: "
    sentence = f"{alert.severity}: {update}{alert.headline}"
    return Evidence(sentence=sentence, start=0, end=len(sentence), rule=KIND)


def _link(alert: Alert) -> StorySource:
    """The best source of the alert, under the alert's own headline."""
    best = min(alert.sources, key=lambda source: source.source_tier)
    return best.model_copy(update={"title": alert.headline})
