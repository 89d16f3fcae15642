"""How long each hop of an alert took, from the clocks it carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from shared.events import Hops

HOPS: Final = ("collected → detected", "detected → raised", "raised → received", "collected → received")


@dataclass(frozen=True)
class HopSummary:
    """Median and slowest time of one hop, in milliseconds."""

    hop: str
    median_ms: float
    max_ms: float


def hop_times(clock: Hops, received_at: datetime) -> dict[str, float]:
    """Milliseconds of each hop in HOPS; a hop whose clock is missing is left out."""
    ends = (
        (clock.collected_at, clock.detected_at),
        (clock.detected_at, clock.raised_at),
        (clock.raised_at, received_at),
        (clock.collected_at, received_at),
    )
    return {
        hop: (end - begin).total_seconds() * 1000
        for hop, (begin, end) in zip(HOPS, ends, strict=True)
        if begin is not None and end is not None
    }


def summarise(times: Sequence[dict[str, float]]) -> list[HopSummary]:
    """One line a hop over all alerts, in order of HOPS; hops nobody measured are left out."""
    lines = []
    for hop in HOPS:
        values = [time[hop] for time in times if hop in time]
        if values:
            lines.append(HopSummary(hop, median(values), max(values)))
    return lines
