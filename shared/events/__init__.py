"""The event contract: today's classes by name, and the registry from CloudEvents type to class."""

from __future__ import annotations

from typing import Final

from shared.events.alert import Alert, AlertRaised, AlertRetracted, AlertUpdated
from shared.events.article import Article, ArticleCollected, ArticleRef
from shared.events.base import Event
from shared.events.delivery import Delivery, DeliveryExhausted, DeliveryFailed, DeliverySucceeded
from shared.events.signal import Claim, Evidence, Hops, Instrument, RuleRef, SignalDetected, Term
from shared.events.source import SourceRecovered, SourceUnhealthy, Trouble

EVENTS: Final[dict[str, type[Event]]] = {
    event.TYPE: event
    for event in (
        ArticleCollected,
        SignalDetected,
        AlertRaised,
        AlertUpdated,
        AlertRetracted,
        DeliverySucceeded,
        DeliveryFailed,
        DeliveryExhausted,
        SourceUnhealthy,
        SourceRecovered,
    )
}

__all__ = [
    "EVENTS",
    "Alert",
    "AlertRaised",
    "AlertRetracted",
    "AlertUpdated",
    "Article",
    "ArticleCollected",
    "ArticleRef",
    "Claim",
    "Delivery",
    "DeliveryExhausted",
    "DeliveryFailed",
    "DeliverySucceeded",
    "Event",
    "Evidence",
    "Hops",
    "Instrument",
    "RuleRef",
    "SignalDetected",
    "SourceRecovered",
    "SourceUnhealthy",
    "Term",
    "Trouble",
]
