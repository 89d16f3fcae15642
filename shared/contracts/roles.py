"""Which service sends and receives which events. Data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.contracts.requests import SUBMIT, Request
from shared.events import (
    AlertRaised,
    AlertRetracted,
    AlertUpdated,
    ArticleCollected,
    DeliveryExhausted,
    DeliveryFailed,
    DeliverySucceeded,
    Event,
    SignalDetected,
    SourceRecovered,
    SourceUnhealthy,
)


@dataclass(frozen=True)
class Role:
    """What one service does on the bus. Every service also sends dead letters of what it receives."""

    about: str
    sends: tuple[type[Event], ...]
    receives: tuple[type[Event], ...] = ()
    answers: tuple[Request, ...] = ()


ROLES: Final[dict[str, Role]] = {
    "ingest": Role(
        "Collects articles from sources and from its HTTP interface, and tells how the sources are doing.",
        sends=(ArticleCollected, SourceUnhealthy, SourceRecovered),
        answers=(SUBMIT,),
    ),
    "classify": Role(
        "Finds in each article what its rules look for.",
        sends=(SignalDetected,),
        receives=(ArticleCollected,),
    ),
    "notify": Role(
        "Makes stories of signals and tells subscribers about them.",
        sends=(AlertRaised, AlertUpdated, AlertRetracted, DeliverySucceeded, DeliveryFailed, DeliveryExhausted),
        receives=(SignalDetected,),
    ),
}
