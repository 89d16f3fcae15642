"""What a webhook's body says: the published shape, its two formats, and how it stays under 20 kB. Pure.

`standard` is Standard Webhooks' `{"type", "timestamp", "data"}`; `cloudevents` is CloudEvents 1.0 as JSON. `type` ends
with the version: a change that breaks readers makes a new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shared.events import Alert

MAX_BYTES: Final = 20_000
DIGEST: Final = "io.orewire.digest.v1"
STANDARD, CLOUDEVENTS = "standard", "cloudevents"
CONTENT_TYPES: Final = {STANDARD: "application/json", CLOUDEVENTS: "application/cloudevents+json"}
SOURCE: Final = "orewire/notify"
_ROOM: Final = 18_500
"""Bytes for the alerts of one digest message; the rest is for what stands around them."""
_SHORTER: Final = ((20, 5), (10, 3), (3, 1), (1, 1), (1, 0))
"""How many sources and evidence sentences to keep, tried in this order until the body fits."""


def alert_body(alert: Alert, style: str) -> str:
    """The body that tells one alert, at most MAX_BYTES long: what was left out is counted."""
    data = alert.model_dump(mode="json")
    return next(text for text in _attempts(alert, data, style) if text is not None)


def digest_bodies(
    alerts: Sequence[Alert], style: str, *, digest_id: str, at: datetime, note: str = ""
) -> list[tuple[str, str]]:
    """Id and body of each message that tells several alerts; several messages where one would be too long."""
    groups: list[list[dict[str, Any]]] = [[]]
    room = _ROOM
    for data in map(_brief, alerts):
        size = len(dump(data).encode()) + 1
        if size > room and groups[-1]:
            groups.append([])
            room = _ROOM
        groups[-1].append(data)
        room -= size
    ids = [digest_id if n == 0 else f"{digest_id}.{n}" for n in range(len(groups))]
    return [(name, _digest(group, style, name, at, note)) for name, group in zip(ids, groups, strict=True)]


def dump(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _attempts(alert: Alert, data: Mapping[str, Any], style: str) -> Iterator[str | None]:
    """The whole body if it fits, then ever shorter ones; the last one whatever it is."""
    whole = dump(_framed(alert, data, {}, style))
    yield whole if len(whole.encode()) < MAX_BYTES else None
    for sources, evidence in _SHORTER:
        kept, omitted = _shortened(data, sources, evidence)
        text = dump(_framed(alert, kept, omitted, style))
        yield text if len(text.encode()) < MAX_BYTES or (sources, evidence) == _SHORTER[-1] else None


def _framed(alert: Alert, data: Mapping[str, Any], omitted: Mapping[str, int], style: str) -> dict[str, Any]:
    timestamp = data["clock"]["raised_at"] or data["first_seen_at"]
    if style == CLOUDEVENTS:
        counts = {f"omitted{name.replace('_', '')}": count for name, count in omitted.items()}
        return {**_attributes(alert.event_id, alert.TYPE, timestamp), "subject": alert.story_id, **counts, "data": data}
    body = {"type": alert.TYPE, "timestamp": timestamp, "data": data}
    return {**body, "omitted": omitted} if omitted else body


def _attributes(event_id: str, kind: str, timestamp: str) -> dict[str, str]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": kind,
        "time": timestamp,
        "datacontenttype": "application/json",
    }


def _shortened(data: Mapping[str, Any], sources: int, evidence: int) -> tuple[dict[str, Any], dict[str, int]]:
    """The lead source and the newest ones; the first evidence sentences; and how many of each are missing."""
    newest = data["sources"][1:][-(sources - 1) :] if sources > 1 else []
    kept = {
        "sources": [*data["sources"][:1], *newest],
        "evidence": data["evidence"][:evidence],
        "signal_ids": data["signal_ids"][-sources:],
    }
    omitted = {name: len(data[name]) - len(values) for name, values in kept.items()}
    return {**data, **kept}, omitted


def _brief(alert: Alert) -> dict[str, Any]:
    """An alert within a digest: with its type, its lead source and its first evidence."""
    kept, _ = _shortened(alert.model_dump(mode="json"), 1, 1)
    return {"type": alert.TYPE, "data": kept}


def _digest(group: Sequence[Mapping[str, Any]], style: str, name: str, at: datetime, note: str) -> str:
    timestamp = at.isoformat().replace("+00:00", "Z")
    data = {**({"note": note} if note else {}), "alerts": list(group)}
    if style == CLOUDEVENTS:
        return dump({**_attributes(name, DIGEST, timestamp), "data": data})
    return dump({"type": DIGEST, "timestamp": timestamp, "data": data})
