"""Several alerts in one message, or a notice without any: the words of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.events import Alert, AlertRaised, Hops
from shared.events.alert import Reason
from shared.events.vocabulary import Certainty, Direction, Severity, Stage
from shared.ids import stable_id

NOTICE: Final = "notice"
"""Kind of the alert that a bundle without alerts is told as."""
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
    """Title and note of the bundle as an alert: a notice is told like one, and every delivery has one."""
    lead = bundle.alerts[0] if bundle.alerts else None
    return AlertRaised(
        kind=NOTICE,
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
        evidence=(),
        sources=(),
        first_seen_at=bundle.at,
        rules_digest=NOTICE,
        clock=Hops(collected_at=bundle.at, detected_at=bundle.at, raised_at=bundle.at),
    )
