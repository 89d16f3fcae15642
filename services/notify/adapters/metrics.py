"""Prometheus metrics of notify."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Histogram

SIGNALS: Final = Counter("orewire_notify_signals_total", "Signals handled, by what came of them.", ["kind", "reason"])
ATTEMPTS: Final = Counter("orewire_notify_attempts_total", "Delivery attempts, by outcome.", ["channel", "outcome"])
SECONDS: Final = Histogram(
    "orewire_notify_attempt_seconds",
    "Duration of one delivery attempt.",
    ["channel"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)
LATENCY: Final = Histogram(
    "orewire_notify_article_to_arrival_seconds",
    "From an article's collection to the alert's arrival at a receiver.",
    ["channel"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600, 86400),
)


class PrometheusMeter:
    """See `Meter`."""

    def decided(self, kind: str, reason: str) -> None:
        """See `Meter.decided`."""
        SIGNALS.labels(kind, reason).inc()

    def attempted(self, channel: str, outcome: str, seconds: float) -> None:
        """See `Meter.attempted`."""
        ATTEMPTS.labels(channel, outcome).inc()
        SECONDS.labels(channel).observe(seconds)

    def told(self, channel: str, seconds: float) -> None:
        """See `Meter.told`."""
        LATENCY.labels(channel).observe(max(0.0, seconds))
