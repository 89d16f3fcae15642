"""The words of messages that tell several alerts, or that a silence has begun or ended. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from services.notify.bundle import MAX_ALERTS, Bundle, bundle_id, by_weight
from services.notify.course import Course, Held
from services.notify.ports import Subscriber
from services.notify.silence import Silence

_KEPT: Final = {
    Course.QUIET_HOURS: "came during your quiet hours",
    Course.SILENCED: "kept back by a silence",
}


def bundle_up(subscriber: Subscriber, told: Sequence[Held], now: datetime) -> list[Bundle]:
    """The messages for alerts that are told together, the most severe first. One alert by itself needs none."""
    if len(told) < 2:
        return []
    title, note = _title(told), _note(subscriber, told)
    alerts = by_weight([it.alert for it in told])
    parts = [tuple(alerts[at : at + MAX_ALERTS]) for at in range(0, len(alerts), MAX_ALERTS)]
    bundles = []
    for number, part in enumerate(parts, start=1):
        name = bundle_id(subscriber.id, *(alert.event_id for alert in part))
        of = f"{number} of {len(parts)}"
        words = (f"{title} ({of})", f"{note} Message {of}.") if len(parts) > 1 else (title, note)
        bundles.append(Bundle(name, *words, part, now))
    return bundles


def begun(silence: Silence, subscriber: Subscriber, now: datetime) -> Bundle:
    """The notice that a silence has begun."""
    name = bundle_id(subscriber.id, "began", silence.id, now.isoformat())
    title = f"Silence {silence.id} has begun, until {silence.until:%d %b %Y %H:%M} UTC"
    note = f"{silence.author}: {silence.reason}. Alerts that match it are kept back and told when it ends."
    return Bundle(name, title, note, (), now)


def ended(silence_id: str, author: str, subscriber: Subscriber, count: int, now: datetime) -> Bundle:
    """The notice that a silence has ended; `count` alerts were kept back."""
    name = bundle_id(subscriber.id, "ended", silence_id, now.isoformat())
    follow = {0: "Nothing was kept back.", 1: "1 alert was kept back and follows."}
    note = follow.get(count, f"{count} alerts were kept back and follow.")
    return Bundle(name, f"Silence {silence_id} of {author[:60]} has ended", note, (), now)


def _title(told: Sequence[Held]) -> str:
    severities = Counter(it.alert.severity for it in told)
    shares = [f"{severities[severity]} {severity}" for severity in sorted(severities, key=lambda it: -it.rank)]
    what = "Digest" if any(it.course == Course.DIGEST for it in told) else "Alerts"
    return f"{what}: {len(told)} alerts ({', '.join(shares)})"


def _note(subscriber: Subscriber, told: Sequence[Held]) -> str:
    courses = Counter(it.course for it in told)
    said = [f"{courses[course]} {words}" for course, words in _KEPT.items() if courses[course]]
    rate = subscriber.timing.rate
    if capped := courses[Course.RATE_CAPPED]:
        limit = f" of {rate.messages} in {_duration(rate.per)}" if rate else ""
        said.append(f"{capped} held back by your limit{limit}")
    digest = any(it.course == Course.DIGEST for it in told)
    together = f"{'Your digest' if digest else 'Told together'}, the most severe first."
    return f"{together} {'; '.join(said)}." if said else together


def _duration(value: timedelta) -> str:
    minutes = value.total_seconds() / 60
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
