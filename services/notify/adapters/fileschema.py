"""The published JSON Schema of subscribers.yaml: editors complete and check with it."""

from __future__ import annotations

import inspect
import json
from typing import Any, Final

from pydantic import BaseModel

from services.notify.adapters.catalog import channels
from services.notify.adapters.subscriberfile import Entry, SilenceEntry, TestEntry
from services.notify.ports import Channel
from shared.settings import ROOT

FILE: Final = ROOT / "deploy" / "contracts" / "subscribers" / "subscribers.schema.json"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_BOUNDS: Final = {"maxLength": "maxItems", "minLength": "minItems"}
_REF: Final = "#/$defs/{model}"


def text() -> str:
    """The schema as it is published."""
    return json.dumps(_schema(), indent=2, ensure_ascii=False) + "\n"


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


def _model(model: type[BaseModel], found: dict[str, Any]) -> dict[str, Any]:
    """The schema of a model; the models in it are added to `found`."""
    schema = model.model_json_schema(ref_template=_REF)
    for name, inner in schema.pop("$defs", {}).items():
        found[name] = _or_one(inner)
    return _or_one(schema)


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
    """A subscriber of one channel. A secret may also stand in a file that `…_file` names."""
    own = _model(plugin.settings, found)
    secret = [key for key, field in own["properties"].items() if "password" in json.dumps(field)]
    files = {f"{key}_file": {"type": "string"} for key in secret}
    needed = [key for key in own.get("required", []) if key not in secret]
    either = [
        {"anyOf": [{"required": [key]}, {"required": [f"{key}_file"]}]} for key in secret if key in own["required"]
    ]
    return {
        "title": name,
        "description": inspect.cleandoc((inspect.getmodule(type(plugin)) or plugin).__doc__ or ""),
        "type": "object",
        "additionalProperties": False,
        "required": [*entry["required"], *needed],
        "properties": {**entry["properties"], "channel": {"const": name}, **own["properties"], **files},
        "allOf": either,
    }
