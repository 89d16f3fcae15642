"""The JSON Schema of every event body, as other services read it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.events import EVENTS, Event

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schemas(events: Mapping[str, type[Event]] = EVENTS) -> dict[str, dict[str, Any]]:
    """File name, e.g. `io.orewire.signal.detected.v1.json`, to JSON Schema (draft 2020-12)."""
    return {f"{name}.json": schema(event) for name, event in events.items()}


def schema(event: type[Event]) -> dict[str, Any]:
    """The schema of one event's body. Its `$id` is a URN: nothing has to be fetched to use it."""
    return {"$schema": DIALECT, "$id": f"urn:orewire:event:{event.TYPE}"} | event.schema_document()
