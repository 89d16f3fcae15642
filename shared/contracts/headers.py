"""The JSON Schema of the NATS headers: CloudEvents 1.0 in binary mode, and those of dead letters. Pure."""

from __future__ import annotations

from typing import Any, Final

from shared.events import Event
from shared.events.envelope import CONTENT_TYPE, SPEC_VERSION

_TEXT: Final = {"type": "string", "pattern": "^[ -~]+$"}  # headers are printable ASCII

_DEAD: Final = {
    "ore-dead-reason": "Why, as a closed word.",
    "ore-dead-detail": "What exactly, as one line for people.",
    "ore-dead-subject": "Subject of the original message.",
    "ore-dead-stream": "Stream of the original message.",
    "ore-dead-consumer": "Consumer that could not process it.",
    "ore-dead-seq": "Sequence number of the original in its stream.",
    "ore-dead-deliveries": "How often it was delivered before it was given up.",
    "ore-dead-omitted": "`body` when the original was too large to be repeated; its stream has it at `ore-dead-seq`.",
}


def event_headers(event: type[Event]) -> dict[str, Any]:
    """Headers of one event type."""
    properties = {
        "content-type": {"type": "string", "const": CONTENT_TYPE},
        "ce-specversion": {"type": "string", "const": SPEC_VERSION},
        "ce-id": _TEXT | {"description": "The same fact always has the same id: drop what you have seen."},
        "ce-type": {"type": "string", "const": event.TYPE},
        "ce-source": {"type": "string", "pattern": "^orewire/", "description": "`orewire/<service>`"},
        "ce-time": {"type": "string", "format": "date-time", "description": "When it was published, in UTC."},
        "ce-correlationid": _TEXT | {"description": "Id of the article at the beginning of it all."},
        "ce-causationid": _TEXT | {"description": "`ce-id` of the event that led to this one, if any."},
        "traceparent": {"type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
        "Nats-Msg-Id": _TEXT | {"description": "Same as `ce-id`; JetStream drops repeats by it."},
    }
    optional = {"ce-causationid", "traceparent"}
    return {"type": "object", "properties": properties, "required": [k for k in properties if k not in optional]}


def dead_headers() -> dict[str, Any]:
    """Headers of a dead letter, beside those of the original."""
    line = {"type": "string", "pattern": "^[ -~]*$"}
    properties = {name: line | {"description": about} for name, about in _DEAD.items()}
    message_id = _TEXT | {"description": "Same stream, consumer and message: same id."}
    return {
        "type": "object",
        "properties": {"Nats-Msg-Id": message_id, **properties},
        "required": ["ore-dead-reason", "ore-dead-subject", "Nats-Msg-Id"],
    }
