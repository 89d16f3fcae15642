"""The JSON Schemas of webhook bodies, as they are published in `deploy/contracts/webhook/`. Pure."""

from __future__ import annotations

from typing import Any, Final

from services.notify.payload import DIGEST
from shared.contracts.schemas import DIALECT, schema
from shared.events import Alert, AlertRaised, AlertRetracted, AlertUpdated

_TYPES: Final[tuple[type[Alert], ...]] = (AlertRaised, AlertUpdated, AlertRetracted)
_TEXT: Final = {"type": "string"}
_TIME: Final = {"type": "string", "format": "date-time"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_NOTE: Final = {"type": "string", "description": "Why these alerts come together."}
_OMITTED: Final = ("sources", "evidence", "signal_ids")


def payload_schemas() -> dict[str, dict[str, Any]]:
    """File name to JSON Schema (draft 2020-12). The alerts' own schemas are bundled: nothing has to be fetched."""
    return {"standard.v1.json": _standard(), "cloudevents.v1.json": _cloudevents()}


def _standard() -> dict[str, Any]:
    omitted = {
        "type": "object",
        "properties": dict.fromkeys(_OMITTED, _COUNT),
        "description": "How many were left out.",
    }
    frame = {"timestamp": _TIME, "omitted": omitted}
    return _document("standard", "A webhook's body in the standard format.", frame, ["type", "timestamp", "data"])


def _cloudevents() -> dict[str, Any]:
    frame: dict[str, Any] = dict.fromkeys(("id", "source", "subject"), _TEXT)
    frame |= {"specversion": {"const": "1.0"}, "time": _TIME, "datacontenttype": {"const": "application/json"}}
    frame |= {f"omitted{name.replace('_', '')}": _COUNT for name in _OMITTED}
    needed = ["specversion", "id", "source", "type", "time", "datacontenttype", "data"]
    return _document("cloudevents", "A webhook's body as a CloudEvent.", frame, needed)


def _document(name: str, what: str, frame: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    return {
        "$schema": DIALECT,
        "$id": f"urn:orewire:webhook:{name}:v1",
        "title": f"webhook_{name}",
        "description": what,
        "type": "object",
        "properties": {
            "type": {"enum": [*(event.TYPE for event in _TYPES), DIGEST]},
            **frame,
            "data": {"type": "object"},
        },
        "required": needed,
        "oneOf": [*(_told(event) for event in _TYPES), _digest()],
        "$defs": {event.TYPE: schema(event) for event in _TYPES},
    }


def _told(event: type[Alert]) -> dict[str, Any]:
    return {"properties": {"type": {"const": event.TYPE}, "data": {"$ref": f"urn:orewire:event:{event.TYPE}"}}}


def _digest() -> dict[str, Any]:
    entry = {"type": "object", "required": ["type", "data"], "oneOf": [_told(event) for event in _TYPES]}
    alerts = {"type": "array", "minItems": 1, "items": entry}
    data = {"type": "object", "properties": {"note": _NOTE, "alerts": alerts}, "required": ["alerts"]}
    return {"properties": {"type": {"const": DIGEST}, "data": data}}
