"""The published JSON Schema of subscribers.yaml: editors complete and check with it."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from services.notify.adapters.catalog import channels
from services.notify.adapters.subscriberfile import Entry, SilenceEntry, TestEntry
from services.notify.ports import Channel

FILE: Final = "subscribers.schema.json"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_BOUNDS: Final = {"maxLength": "maxItems", "minLength": "minItems"}


def text() -> str:
    """The schema as it is published."""
    return json.dumps(_schema(), indent=2, ensure_ascii=False) + "\n"


def stale(folder: Path) -> list[str]:
    """Name of the file if it is missing or differs."""
    path = folder / FILE
    return [] if path.is_file() and path.read_text("utf-8") == text() else [FILE]


def write(folder: Path) -> None:
    """Write the file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(text(), "utf-8")


def _schema() -> dict[str, Any]:
    found: dict[str, Any] = {}
    entry, silence, test = (_model(model, found) for model in (Entry, SilenceEntry, TestEntry))
    subscribers = [_subscriber(name, plugin, entry, found) for name, plugin in channels().items()]
    return {
        "$schema": _DIALECT,
        "$id": "urn:orewire:config:subscribers",
        "type": "object",
        "required": ["subscribers"],
        "additionalProperties": False,
        "properties": {
            "subscribers": {"type": "array", "items": {"oneOf": subscribers}},
            "silences": {"type": "array", "items": silence},
            "tests": {"type": "array", "items": test},
        },
        "$defs": found,
    }


def _model(model: type[BaseModel], found: dict[str, Any], *, owner: str = "") -> dict[str, Any]:
    """The schema of a model; the models in it are added to `found`, under the name of their `owner` if there is one."""
    before = f"{owner}." if owner else ""
    schema = model.model_json_schema(ref_template=f"#/$defs/{before}{{model}}")
    for name, inner in schema.pop("$defs", {}).items():
        found[before + name] = _or_file(_or_one(inner)) if owner else _or_one(inner)
    return _or_one(schema)


def _or_file(schema: dict[str, Any]) -> dict[str, Any]:
    """A text may also stand in a file that `…_file` names."""
    fields = schema.get("properties", {})
    files = {f"{key}_file": {"type": "string"} for key, field in fields.items() if _is_text(field)}
    return {**schema, "properties": {**fields, **files}} if files else schema


def _is_text(field: dict[str, Any]) -> bool:
    return any(it.get("type") == "string" and "enum" not in it for it in (field, *field.get("anyOf", ())))


def _or_one(schema: dict[str, Any]) -> dict[str, Any]:
    """Where a list is expected, one of its items will do. Defaults are left out: they are values of the program."""
    for name, field in schema.get("properties", {}).items():
        field.pop("default", None)
        if field.get("type") == "array":
            told = {key: field.pop(key) for key in ("title", "description") if key in field}
            bounds = {_BOUNDS[key]: field.pop(key) for key in _BOUNDS if key in field}
            schema["properties"][name] = {**told, "anyOf": [field | bounds, field["items"]]}
    return schema


def _subscriber(name: str, plugin: Channel, entry: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """A subscriber of one channel."""
    own = _or_file(_model(plugin.settings, found, owner=name))
    fields, needed = own["properties"], own.get("required", [])
    either = [key for key in needed if f"{key}_file" in fields]
    return {
        "title": name,
        "description": inspect.cleandoc((inspect.getmodule(type(plugin)) or plugin).__doc__ or ""),
        "type": "object",
        "additionalProperties": False,
        "required": [*entry["required"], *(key for key in needed if key not in either)],
        "properties": {**entry["properties"], "channel": {"const": name}, **fields},
        **({"allOf": [_one_of_both(key) for key in either]} if either else {}),
    }


def _one_of_both(key: str) -> dict[str, Any]:
    return {"anyOf": [{"required": [key]}, {"required": [f"{key}_file"]}]}
