"""CloudEvents 1.0 in binary mode on NATS: attributes travel as `ce-` headers, the body is plain JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.errors import PermanentError
from shared.events.base import Event

SPEC_VERSION = "1.0"
CORRELATION = "ce-correlationid"
CONTENT_TYPE = "application/json"
TRACE_HEX, SPAN_HEX = 32, 16


@dataclass(frozen=True)
class Envelope:
    """The CloudEvents attributes of one event."""

    id: str
    type: str
    source: str
    time: datetime
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


def envelop(event: Event, *, service: str, at: datetime, cause: Envelope | None, correlation_id: str) -> Envelope:
    """The envelope of `event`, published by `service` because of `cause`."""
    return Envelope(
        id=event.event_id,
        type=event.TYPE,
        source=f"orewire/{service}",
        time=at,
        correlation_id=correlation_id,
        causation_id=cause.id if cause else None,
        traceparent=child_traceparent(cause.traceparent if cause else None, event.event_id, correlation_id),
    )


def child_traceparent(parent: str | None, span_of: str, trace_of: str) -> str:
    """A W3C traceparent: the parent's trace with this event's own span, both derived, never random."""
    parts = (parent or "").split("-")
    known = len(parts) == 4 and len(parts[1]) == TRACE_HEX
    trace = parts[1] if known else _hex(trace_of, TRACE_HEX)
    return f"00-{trace}-{_hex(span_of, SPAN_HEX)}-01"


def _hex(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def to_headers(envelope: Envelope) -> dict[str, str]:
    """NATS headers of the envelope. `Nats-Msg-Id` makes JetStream drop a repeated publish.

    Raises:
        PermanentError: an attribute is not printable ASCII, as headers have to be.
    """
    headers = {
        "Nats-Msg-Id": envelope.id,
        "content-type": CONTENT_TYPE,
        "ce-specversion": SPEC_VERSION,
        "ce-id": envelope.id,
        "ce-type": envelope.type,
        "ce-source": envelope.source,
        "ce-time": envelope.time.isoformat().replace("+00:00", "Z"),
        CORRELATION: envelope.correlation_id,
    }
    if envelope.causation_id:
        headers["ce-causationid"] = envelope.causation_id
    if envelope.traceparent:
        headers["traceparent"] = envelope.traceparent
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise PermanentError("bad_header", f"{name} is not printable ASCII")
    return headers


def from_headers(headers: Mapping[str, str]) -> Envelope:
    """Read an envelope back.

    Raises:
        ValueError: an attribute CloudEvents requires is missing, or the time is no RFC 3339 time.
    """
    lower = {key.lower(): value for key, value in headers.items()}
    missing = [name for name in ("ce-id", "ce-type", "ce-source", "ce-time") if not lower.get(name)]
    if missing:
        raise ValueError(f"not a CloudEvent: header {', '.join(missing)} missing")
    return Envelope(
        id=lower["ce-id"],
        type=lower["ce-type"],
        source=lower["ce-source"],
        time=datetime.fromisoformat(lower["ce-time"]),
        correlation_id=lower.get(CORRELATION, lower["ce-id"]),
        causation_id=lower.get("ce-causationid"),
        traceparent=lower.get("traceparent"),
    )
